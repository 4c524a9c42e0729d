"""What the inspector shows, however long the payload."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.ui.widgets.document import (
    PART,
    PartsDocument,
    TextDocument,
    WindowDocument,
    highlight_json,
    whole_characters,
)


def reader(data: bytes) -> tuple[list[tuple[int, int]], PartsDocument]:
    asked: list[tuple[int, int]] = []

    def read(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return data[offset : offset + length]

    return asked, PartsDocument(read, len(data))


def text_of(document: PartsDocument) -> str:
    return "\n".join("".join(text for text, _ in document.line(i)) for i in range(document.line_count()))


@given(st.text())
def test_whole_characters_never_cut_one(text: str) -> None:
    data = text.encode("utf-8", "surrogatepass") if text.isascii() else text.encode("utf-8", "ignore")
    for cut in range(len(data) + 1):
        part = data[:cut]
        assert part[: whole_characters(part)].decode("utf-8").encode() == part[: whole_characters(part)]
        assert len(part) - whole_characters(part) < 4


def test_a_long_text_is_read_part_by_part() -> None:
    data = b"".join(b"line %d\n" % number for number in range(40_000))
    asked, document = reader(data)
    assert asked == [(0, PART)]
    assert "more bytes" in document.line(document.line_count() - 1)[0][0]
    while document.more():
        pass
    assert text_of(document) == data.decode()


def test_parts_join_in_the_middle_of_characters() -> None:
    data = ("ä€😀" * PART).encode()[: 3 * PART + 1]
    _, document = reader(data)
    while document.more():
        pass
    assert text_of(document).replace("\n", "") == data.decode("utf-8", "replace")


def test_a_line_without_end_is_folded_and_complete() -> None:
    data = b"x" * 1_000_000
    _, document = reader(data)
    while document.more():
        pass
    assert document.line_count() > 100
    assert text_of(document).replace("\n", "") == data.decode()


def test_a_part_that_was_left_is_read_again_and_may_be_gone() -> None:
    data = b"".join(b"line %d\n" % number for number in range(60_000))
    there = [data]
    document = PartsDocument(lambda offset, length: there[0][offset : offset + length], len(data))
    while document.more():
        pass
    assert document.line(7) == [("line 7", "text")]
    assert document.line(59_999) == [("line 59999", "text")]
    there[0] = b""
    assert document.line(59_998) == [("line 59998", "text")]
    assert document.line(20_000) == [("evicted", "note")]
    assert PartsDocument(lambda offset, length: b"", 1_000_000).line_count() == 1


def test_a_window_reads_only_what_is_looked_at() -> None:
    asked: list[tuple[int, int]] = []

    def read(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return b"y" * length

    document = WindowDocument(read, 50_000_000, 16, lambda offset, data: [(f"{offset} {len(data)}", "text")])
    assert document.line_count() == 3_125_000
    assert document.line(3_000_000) == [("48000000 16", "text")]
    assert sum(length for _, length in asked) < 4096


def test_json_is_coloured_without_losing_a_character() -> None:
    line = '  "temp": [21.4, -3e2, true, null, "a \\" b"],'
    spans = highlight_json(line)
    assert "".join(text for text, _ in spans) == line
    kinds = dict(spans)
    assert kinds['"temp"'] == "key"
    assert kinds["21.4"] == "number"
    assert kinds["true"] == "literal"
    assert kinds['"a \\" b"'] == "string"


@given(st.text())
def test_highlighting_keeps_every_line(text: str) -> None:
    assert "".join(part for part, _ in highlight_json(text)) == text


def test_control_characters_become_visible() -> None:
    document = TextDocument("a\x1b[31mb\x9b1m\u202e", "text")
    assert document.line(0) == [("a␛[31mb\\x9b1m\\u202e", "text")]
