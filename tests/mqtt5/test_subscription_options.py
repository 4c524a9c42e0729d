"""The options of each subscription in the forms: typed, kept in the profile, sent, and kept when it is
switched off and on."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.profile import Subscription as Wanted
from mqttx_tui.ui.form_fields import check, from_table, shown_fields, to_table
from mqttx_tui.ui.form_sections import OPTIONS
from mqttx_tui.ui.subscription_options import lines_of, with_options
from mqttx_tui.ui.widgets.fields import SafeInput
from mqttx_tui.wire.packets import Suback, Subscribe, Subscription, Unsuback, Unsubscribe
from tests.mqtt5.test_subscribe_form import config, form_of
from tests.support.scripted import Peer, ScriptedBroker
from tests.ui.live_app import live

TABLE: dict[str, Any] = {
    "url": "mqtt://h",
    "mqtt": "5",
    "subscriptions": [
        "a/#",
        {"filter": "b", "qos": 1, "color": "red", "identifier": 7, "user": [["k", "1"], ["k", "two words"]]},
        {"filter": "c", "no_local": True, "retain_handling": 2},
    ],
}
LINES = 'b\tqos=1 identifier=7 user.k=1 user.k="two words"\nc\tno_local retain_handling=2'


def changed(text: str, **more: str) -> dict[str, Any]:
    """The table after the field was changed."""
    return to_table({**from_table(TABLE), OPTIONS: text, **more}, TABLE)


def test_they_are_shown_as_the_file_spells_them() -> None:
    assert from_table(TABLE)[OPTIONS] == LINES
    assert to_table(from_table(TABLE), TABLE) == TABLE


def test_typed_options_become_the_profiles() -> None:
    text = "a/#\tretain_as_published identifier=9\nb\tqos=2\nnew/+\tno_local user.x=y"
    profile, problems = check("k", changed(text), {})
    assert problems == {}
    assert profile is not None
    assert [dataclasses.replace(one, color="") for one in profile.subscriptions] == [
        Wanted("a/#", retain_as_published=True, identifier=9),
        Wanted("b", 2),
        Wanted("c"),
        Wanted("new/+", no_local=True, user=(("x", "y"),)),
    ]
    assert profile.subscriptions[1].color, "what the field does not say stays"


def test_a_filter_taken_from_the_list_stays_away() -> None:
    table = to_table({**from_table(TABLE), "subscriptions": "a/# c"}, TABLE)
    assert table["subscriptions"] == ["a/#", TABLE["subscriptions"][2]]
    table = to_table({**from_table(TABLE), "subscriptions": "a/#", OPTIONS: LINES + " identifier=3"}, TABLE)
    assert table["subscriptions"] == ["a/#"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("nolocal", "no_local"),
        ("retain_handling=3", "3"),
        ("identifier=0", "0"),
        ("identifier=x", "number"),
        ("qos=3", "3"),
    ],
)
def test_what_is_wrong_is_named_at_the_field(words: str, said: str) -> None:
    _, problems = check("k", changed(f"a/#\t{words}"), {})
    assert list(problems) == [OPTIONS]
    assert said in problems[OPTIONS]


def test_older_versions_have_none_and_keep_none() -> None:
    values = {**from_table(TABLE), "mqtt": "3.1.1"}
    assert OPTIONS not in shown_fields(values)
    after = to_table(values, TABLE)["subscriptions"]
    assert after == ["a/#", {"filter": "b", "qos": 1, "color": "red"}, "c"]
    assert OPTIONS in shown_fields({**values, "mqtt": "auto"})


plain = st.text(st.characters(codec="ascii", categories=("L", "N")), min_size=1, max_size=8)
items = st.lists(
    plain
    | st.fixed_dictionaries(
        {"filter": plain},
        optional={
            "qos": st.integers(1, 2),
            "no_local": st.just(True),
            "retain_as_published": st.just(True),
            "retain_handling": st.integers(1, 2),
            "identifier": st.integers(1, 268_435_455),
            "user": st.dictionaries(plain, st.text(" ab=/", max_size=6), min_size=1),
            "alias": plain,
        },
    ),
    unique_by=lambda item: item["filter"] if isinstance(item, dict) else item,
    max_size=4,
)


@given(items)
def test_any_options_survive_the_field(listed: list[Any]) -> None:
    simple = [item["filter"] if isinstance(item, dict) and len(item) == 1 else item for item in listed]
    lines = lines_of(simple)
    assert with_options(simple, lines, lines) == simple


async def test_switched_off_and_on_it_keeps_them(tmp_path: Path) -> None:
    """Made in the dialog, so that it stands in no file."""
    seen: list[Subscribe] = []

    async def script(peer: Peer) -> None:
        await peer.accept()
        while True:
            packet = await peer.next()
            if isinstance(packet, Subscribe):
                seen.append(packet)
                peer.send(Suback(packet.packet_id, (1,)))
            elif isinstance(packet, Unsubscribe):
                peer.send(Unsuback(packet.packet_id, (0,)))

    async with (
        ScriptedBroker(script) as broker,
        live(tmp_path, "mine", config=config(broker.url, 5), filters=()) as app,
    ):
        form = await form_of(app)
        form.query_one("#subscribe-filter", SafeInput).value = "a/+"
        form.query_one("#subscribe-identifier", SafeInput).value = "7"
        name, value = form.query_one("#subscribe-user").query(SafeInput).results()
        name.value, value.value = "room", "5"
        await app.press("enter")
        await app.until(lambda: len(seen) == 1, "SUBSCRIBE")
        await app.press("1", "end")
        await app.sees("☑ a/+")
        await app.press("space")
        await app.sees("☐ a/+")
        await app.press("space")
        await app.until(lambda: len(seen) == 2, "SUBSCRIBE again")
    for packet in seen:
        assert packet.subscriptions == (Subscription("a/+", 0),)
        assert packet.properties == {"subscription_identifier": (7,), "user": (("room", "5"),)}
