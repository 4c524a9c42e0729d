"""The scanner catches what it is there for."""

from __future__ import annotations

import pytest

from mqttx_tui.model.visible import visible, visible_bytes
from tests.hostile.scanner import Scanner
from tests.hostile.texts import LONG_TOPICS, NAME, NASTY, PAYLOADS

HARMLESS_RAW = ("markup", "action", "link", "style", "return")
"""Plain characters for a terminal (and a carriage return, which Textual may write)."""


def scanned(data: bytes) -> Scanner:
    scanner = Scanner(120, 40)
    scanner.feed(b"\x1b[?1049h")
    for byte in data:
        scanner.feed(bytes((byte,)))
    scanner.feed(b".")
    return scanner


@pytest.mark.parametrize("name", [name for name in NASTY if name not in HARMLESS_RAW])
def test_a_hostile_text_that_reaches_the_terminal_is_an_offence(name: str) -> None:
    assert scanned(NASTY[name].encode()).offences


@pytest.mark.parametrize("name", list(NASTY))
def test_a_visible_text_is_none(name: str) -> None:
    scanner = scanned(visible(NASTY[name]).encode())
    assert not scanner.offences
    assert visible(NASTY[name]) in scanner.text()


def test_the_other_texts_are_offences_as_well_and_visible_ones_are_none() -> None:
    for text in (NAME, *LONG_TOPICS.values()):
        assert scanned(text.encode()).offences
        assert not scanned(visible(text, 5000).encode()).offences
    for name in ("nul", "not utf-8", "lines", "long line"):
        assert scanned(PAYLOADS[name][:2000]).offences, name
        assert not scanned(visible_bytes(PAYLOADS[name], 2000).encode()).offences, name


def test_what_textual_writes_is_no_offence() -> None:
    scanner = scanned(
        b"\x1b[?2026h\x1b[H\x1b[1;38;2;1;2;3;48;5;16mA\x1b[0m\x1b[2;5H\xe4\xb8\xadB\x1b[?2026l"
        b"\x1b[>25u\x1b[?2048$p\x1b]52;c;aGk=\x07"
    )
    assert not scanner.offences
    assert scanner.copied == ["hi"]
    assert scanner.find("B") == (6, 1)
