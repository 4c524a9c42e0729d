"""Values that hold secrets do not show them: tracebacks and logs print ``repr``."""

from __future__ import annotations

import pytest

from mqttx_tui.engine.address import Address
from mqttx_tui.engine.channel import ControlFrame
from mqttx_tui.model.endpoint import parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import Outgoing
from mqttx_tui.model.profile import Profile, Resolved, SavedMessage, TlsOptions
from mqttx_tui.profiles.target import Overrides
from mqttx_tui.session.outbox import Item
from mqttx_tui.session.stack import Entry
from mqttx_tui.wire.packets import Connect

SECRET = "hunter2-geheim"
PROFILE = Profile(
    "a",
    f"mqtt://user:{SECRET}@h",
    password=SECRET,
    headers=(("Cookie", SECRET),),
    proxy=f"http://u:{SECRET}@p",
    tls=TlsOptions(key_password=SECRET),
    messages=(SavedMessage("m", payload=SECRET), SavedMessage("n", payload_hex=SECRET)),
)


@pytest.mark.parametrize(
    "value",
    [
        PROFILE,
        Resolved(PROFILE, (SECRET,)),
        parse_url(f"wss://user:{SECRET}@h/?token={SECRET}"),
        Outgoing("t", SECRET.encode(), secret=True),
        Item(Outgoing("t", SECRET.encode(), secret=True), None, 0, None),  # type: ignore[arg-type]
        ControlFrame({}, SECRET.encode()),
        Address(port=1, token=SECRET),
        Entry("h", 1, 60, True, "user", SECRET, b""),
        Connect("id", 5, username="user", password=SECRET.encode()),
        Overrides(password=SECRET),
    ],
    ids=lambda value: type(value).__name__,
)
def test_repr_holds_no_secret(value: object) -> None:
    assert SECRET not in repr(value)


@pytest.mark.parametrize(
    "url",
    [
        "wss://127.0.0.1:99999/?token=SECRET",
        "wss://u:SECRET@127.0.0.1:99999/?token=SECRET",
        "wss://u:a?b=SECRET@127.0.0.1:99999/",
        "wss://h:99999/?user=a@b&token=SECRET",
        "u:SECRET@h",
        "h/?SECRET",
        "htp://u:SECRET@h/?k=SECRET",
        "mqtt://u:SECRET@",
    ],
)
def test_a_complaint_about_a_url_holds_no_secret(url: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_url(url.replace("SECRET", SECRET))
    error = caught.value
    assert SECRET not in f"{error.title} {error.message} {error.hint}"
