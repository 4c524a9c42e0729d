"""What a capture has shown and a filter may ask for."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.capture.filters import parse
from mqttx_tui.capture.filters.evaluate import FilterMessage, matches
from mqttx_tui.capture.filters.seen import LONGEST_PAYLOAD, MOST_TOPICS, NOTHING, fields_of, seen_in
from mqttx_tui.model.message import Row
from mqttx_tui.wire.properties import decode_properties, encode_properties
from tests.capture.support import capturing, connect, put
from tests.support.wait import eventually

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_every_path_that_is_offered_is_a_filter_that_finds_its_payload(value: object) -> None:
    payload = json.dumps(value).encode()
    for path in fields_of(payload):
        assert matches(parse(path), FilterMessage(1, "t", 0, 1, payload)), path


def test_what_a_payload_shows() -> None:
    assert fields_of(b'{"a": {"b c": 1}, "rows": [{"v": 1}, {"w": 2}]}') == [
        ".a",
        '.a."b c"',
        ".rows",
        ".rows[*]",
        ".rows[*].v",
        ".rows[*].w",
    ]
    for payload in (b"21.4", b'"text"', b"{", b"\xff{", b"", b"[" * 5000, b"null"):
        assert fields_of(payload) == [], payload
    assert len(fields_of(json.dumps({f"k{n}": n for n in range(1000)}).encode())) == 200


async def test_topics_paths_properties_and_connections(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        put(sink, "plain", b"21.4")
        put(sink, "long", b'{"far": "' + b"x" * LONGEST_PAYLOAD + b'"}')
        put(sink, "site/1", b'{"old": 1}', b'{"value": 1, "unit": "C"}')
        put(sink, "site/2", b'{"value": 2}')
        number = sink.topic("props")
        assert number is not None
        properties = encode_properties({"user": (("trace", "7"), ("k", "v"))})
        sink.messages([Row(1, number, 0, 9, b"x", properties)])
        await writer.flushed()
        await eventually(lambda: len(seen_in(path, decode_properties).topics) == 5, "statistics are written")
        seen = seen_in(path, decode_properties)
        assert set(seen.topics) == {"plain", "long", "site/1", "site/2", "props"}
        assert seen.paths[0] == ".value", "the most frequent first"
        assert set(seen.paths) == {".value", ".unit"}, "of each topic's last message, and of no long one"
        assert set(seen.users) == {"trace", "k"}
        assert seen.connections == ("p", "plant"), "letter and name"
        for extra in range(MOST_TOPICS + 50):
            put(sink, f"many/{extra}", b"1")
        await writer.flushed()
        await eventually(lambda: "props" not in seen_in(path, decode_properties).topics, "newer ones")
        await eventually(lambda: len(seen_in(path, decode_properties).topics) == MOST_TOPICS, "no more")


def test_a_file_that_cannot_be_read_has_shown_nothing(tmp_path: Path) -> None:
    assert seen_in(tmp_path / "none.db", decode_properties) == NOTHING
    (tmp_path / "other.db").write_bytes(b"something else" * 100)
    assert seen_in(tmp_path / "other.db", decode_properties) == NOTHING
