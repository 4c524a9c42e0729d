"""What is secret in a profile stays out of the headers of the control channel."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.engine.literals import restore, shown_url, strip
from mqttx_tui.engine.redaction import Redaction, protocol_level
from mqttx_tui.model.jsonable import from_json, to_json
from mqttx_tui.model.message import WS_FRAME, PacketRow
from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, TlsOptions
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Connect

SECRET = "s3cr3t"
secret_text = st.text(max_size=5).map(lambda tail: SECRET + tail)
values = secret_text | st.builds(SecretRef, st.just("env"), st.just("NAME"))
urls = st.one_of(
    st.just("mqtt://lab"),
    st.just(SecretRef("command", "make-url")),
    secret_text.map(lambda text: f"wss://user:{text}@lab/path"),
    secret_text.map(lambda text: f"wss://lab/path?token={text}"),
    secret_text.map(lambda text: f"mqtt://${{NAME}}:{text}@lab"),
    secret_text.map(lambda text: f"not a url {text}@"),
)
messages = st.builds(
    SavedMessage,
    st.just("name"),
    payload=st.none() | secret_text,
    payload_hex=st.none() | secret_text,
    secret=st.just(True),
)
profiles = st.builds(
    Profile,
    st.just("key"),
    urls,
    password=st.none() | values,
    bearer=st.just("") | values,
    tls=st.builds(TlsOptions, key_password=st.just("") | values),
    headers=st.lists(st.tuples(st.just("Authorization"), values), max_size=3).map(tuple),
    messages=st.lists(messages, max_size=3).map(tuple),
    proxy=st.just("") | secret_text.map(lambda text: f"socks5://me:{text}@proxy"),
)


@given(profiles)
def test_nothing_secret_travels_and_everything_comes_back(profile: Profile) -> None:
    stripped, literals = strip(profile)
    travelled = to_json(stripped)
    assert SECRET not in str(travelled)
    assert restore(from_json(Profile, travelled), literals) == profile


def test_urls_without_secrets_travel_as_they_are() -> None:
    for url in ("mqtt://lab", "wss://lab/path", "mqtt://${HOST}:1883"):
        assert shown_url(url) == url


def connect(version: int) -> bytes:
    return encode(Connect("id", version=version, username="me", password=b"hunter2"), version)


def test_the_protocol_level_is_read_from_connect() -> None:
    for version in (3, 4, 5):
        assert protocol_level(connect(version)) == version
    assert protocol_level(b"\x10") == 5


def test_connect_is_redacted_in_every_version() -> None:
    for version in (3, 4, 5):
        row = PacketRow(0, 1, 1, 1, raw=connect(version))
        raw, changed = Redaction()(row, ("hunter2",))
        assert changed
        assert b"hunter2" not in raw


def test_web_socket_frames_are_redacted_by_the_secrets_themselves() -> None:
    raw, changed = Redaction()(PacketRow(0, 1, 1, WS_FRAME + 8, raw=b"bye hunter2"), ("hunter2",))
    assert changed
    assert b"hunter2" not in raw
