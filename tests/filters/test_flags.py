"""The flags that filters rely on are in the capture."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.capture.utf8 import not_utf8
from mqttx_tui.model.message import NOT_UTF8
from tests.capture.support import capturing, connect, put, query
from tests.filters.test_scan import found


@given(st.lists(st.binary(max_size=6) | st.text(max_size=4).map(str.encode), max_size=5))
def test_what_is_not_utf8(payloads: list[bytes]) -> None:
    expected = []
    for index, payload in enumerate(payloads):
        try:
            payload.decode()
        except UnicodeDecodeError:
            expected.append(index)
    assert not_utf8(payloads) == expected


@pytest.mark.parametrize("cut", [262_143, 262_144, 262_145])
def test_a_character_on_the_border_of_two_steps(cut: int) -> None:
    assert not_utf8([b"a" * cut + "€".encode() + b"b"]) == []
    assert not_utf8([b"a" * cut + "€".encode()[:2]]) == [0]


async def test_the_capture_says_which_payloads_are_binary(tmp_path: Path) -> None:
    path = tmp_path / "capture.db"
    async with capturing(path) as writer:
        sink = connect(writer)
        first = put(sink, "a", b"\xff", "ü".encode(), b"plain", b'{"v":"\xff"}')
        await writer.flushed()
    assert [row[0] & NOT_UTF8 for row in query(path, "SELECT flags FROM message")] == [256, 0, 0, 256]
    assert found(path, "binary") == [first, first + 3]
    assert found(path, ".v") == []
