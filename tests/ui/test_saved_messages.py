"""Saved messages between the file, the form and the composer."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.state import ConnectionSnapshot, Phase
from mqttx_tui.profiles.load import parse
from mqttx_tui.session.saved import outgoing_of
from mqttx_tui.ui.draft import Draft, outgoing
from mqttx_tui.ui.saved_messages import FIELDS, check, draft_of, flags_of, from_table, table_of, to_table

CHAT = {"url": "ws://c", "protocol": "websocket"}
SOCKET = ConnectionSnapshot(1, "c", "c", "A", "ws://c", "websocket", "ws", Phase.CONNECTED)
EVERYTHING = {
    "name": "login",
    "topic": "auth",
    "payload_hex": "00ff",
    "qos": 1,
    "retain": True,
    "template": False,
    "secret": True,
    "every": 30,
    "when": '.type == "x"',
    "properties": {"content_type": "a/b", "message_expiry_interval": "1m", "user": {"k": "v"}},
}


def message_of(table: dict[str, object]):  # type: ignore[no-untyped-def]
    file = parse(
        tomli_w.dumps({"schema": 1, "connections": {"c": {"url": "mqtt://c", "messages": [table]}}}).encode(),
        Path("f"),
    )
    assert not file.problems, file.problems
    return file.profiles[0].messages[0]


def test_a_form_that_nobody_touched_changes_nothing() -> None:
    assert to_table(from_table(EVERYTHING), EVERYTHING) == EVERYTHING
    several = {"name": "n", "topic": "t", "properties": {"user": {"k": ["a", "b"]}}}
    assert from_table(several)["properties.user"] == "k=a; k=b"
    assert to_table(from_table(several), several) == several


def test_what_is_changed_is_written_and_the_rest_stays_as_spelled() -> None:
    values = from_table(EVERYTHING) | {
        "payload": "01",
        "qos": "0",
        "secret": "",
        "properties.user": "k=v; k=w",
    }
    table = to_table(values, EVERYTHING)
    assert table == {
        "name": "login",
        "topic": "auth",
        "payload": "01",
        "format": "hex",
        "retain": True,
        "template": False,
        "every": 30,
        "when": '.type == "x"',
        "properties": {
            "content_type": "a/b",
            "message_expiry_interval": 60,
            "user": [["k", "v"], ["k", "w"]],
        },
    }
    assert check(table, raw=False) == {}


@pytest.mark.parametrize(
    ("draft", "payload", "binary"),
    [
        (Draft("", "41 00", "hex", frame="text"), b"A\0", False),
        (Draft("", "QQA=", "base64", frame="text"), b"A\0", False),
        (Draft("", '{"a":1}', "json", frame="binary"), b'{"a":1}', True),
        (Draft("", "text", frame="text"), b"text", False),
        (Draft("", "00 ff", "hex"), b"\x00\xff", True),
    ],
)
def test_the_kind_of_frame_is_kept(draft: Draft, payload: bytes, binary: bool) -> None:
    table = table_of(draft, "m", {})
    text = tomli_w.dumps({"schema": 1, "connections": {"c": CHAT | {"messages": [table]}}})
    file = parse(text.encode(), Path("f"))
    assert not file.problems
    message = file.profiles[0].messages[0]
    kept = outgoing_of(message)
    assert (kept.payload, kept.binary) == (payload, binary)
    by_hand = outgoing(draft_of(message), SOCKET)
    assert (by_hand.payload, by_hand.binary) == (payload, binary)


def test_a_kind_of_frame_that_cannot_be_kept_is_refused() -> None:
    with pytest.raises(InputError, match="template"):
        table_of(Draft("", "{{ now }}", template=True, frame="binary"), "m", {})
    with pytest.raises(InputError, match="UTF-8"):
        table_of(Draft("", "ff", "hex", frame="text"), "m", {})


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"topic": "a/#"}, "topic", "may not hold #"),
        ({"every": "soon"}, "every", "is not a duration"),
        ({"when": ". >"}, "when", "column"),
        ({"payload": "{{ uid }}", "template": True}, "payload", "{{ uuid }}"),
        ({"payload": "{", "format": "json"}, "payload", "line 1, column 2"),
        ({"topic": ""}, "", "needs a topic"),
        ({"name": ""}, "name", "is empty"),
        ({"properties": {"response_topic": "a/+"}}, "properties.response_topic", "may not hold +"),
    ],
)
def test_what_is_wrong_stands_at_its_field(changes: dict[str, object], field: str, problem: str) -> None:
    table = {"name": "n", "topic": "t", **changes}
    found = check({key: value for key, value in table.items() if value != "" or key == "name"}, raw=False)
    assert problem in found[field]


def test_a_frame_needs_no_topic() -> None:
    assert check({"name": "n", "payload": "x"}, raw=True) == {}


def test_the_composers_draft_becomes_a_message_and_comes_back() -> None:
    draft = Draft(
        "a/b", "{{ counter }}", "json", 2, True, {"user": "k=v", "correlation_data": "c"}, True, "", "n", True
    )
    table = table_of(draft, "n", {"name": "n", "every": "5s", "payload_file": "~/old"})
    assert table["every"] == "5s"
    assert "payload_file" not in table
    assert draft_of(message_of(table)) == draft
    file = Draft("a", file="~/fw.bin", name="n")
    assert table_of(file, "n", {}) == {"name": "n", "topic": "a", "payload_file": "~/fw.bin"}
    with pytest.raises(InputError, match="has no ="):
        table_of(Draft("a", properties={"user": "k"}), "n", {})


def test_flags_say_what_happens_by_itself() -> None:
    assert (
        flags_of(message_of({"name": "n", "topic": "t", "every": 5, "template": True}))
        == "every 5 s · template"
    )
    assert flags_of(message_of({"name": "n", "topic": "t", "when": "connected"})) == "on connect"
    assert flags_of(message_of({"name": "n", "topic": "t", "when": ".a"})) == "when .a"


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)


@given(texts, st.sampled_from(["0", "1", "2"]), st.booleans(), st.booleans())
def test_any_text_survives_the_file(payload: str, qos: str, retain: bool, secret: bool) -> None:
    values = from_table({}) | {"name": "n", "topic": "t", "payload": payload, "qos": qos}
    values |= {"retain": "yes" if retain else "", "secret": "yes" if secret else ""}
    table = tomllib.loads(tomli_w.dumps(to_table(values, {})))
    again = from_table(table)
    assert {key: again[key] for key in values} == values
    assert set(again) == {field.key for field in FIELDS}
