"""Bytes from a terminal become keys and pastes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from textual import events
from textual.message import Message

from mqttx_tui.ui.keyboard import READ_BYTES, Ended, read_keys
from tests.support.wait import until


class Typist:
    """Writes what a terminal would, and keeps the events that come of it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.taken: list[Message] = []

    def write(self, data: bytes) -> None:
        os.write(self._descriptor, data)

    @property
    def keys(self) -> list[str]:
        return [event.character or event.key for event in self.taken if isinstance(event, events.Key)]

    @property
    def pastes(self) -> list[str]:
        return [event.text for event in self.taken if isinstance(event, events.Paste)]


@pytest.fixture
def typist() -> Iterator[Typist]:
    reading, writing = os.pipe()
    found = Typist(writing)
    ended = Ended()
    thread = threading.Thread(target=read_keys, args=(reading, found.taken.append, ended))
    thread.start()
    yield found
    ended.set()
    thread.join(5)
    assert not thread.is_alive()
    os.close(reading)
    os.close(writing)


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (b"j", ["j"]),
        (b"\x1b", ["\x1b"]),
        (b"\x1b3", ["\x1b", "3"]),
        (b"\x1b/", ["\x1b", "/"]),
        (b"\x1b,", ["\x1b", ","]),
        (b"\x1b=", ["\x1b", "="]),
        (b"\x1b[A", ["up"]),
        (b"\x1b[15~j", ["f5", "j"]),
        ("ä€".encode(), ["ä", "€"]),
        (b"\x1b\x1b", ["\x1b", "\x1b"]),
        (b"a\xffb", ["a", "\ufffd", "b"]),
    ],
)
def test_keys(typist: Typist, data: bytes, names: list[str]) -> None:
    typist.write(data)
    until(lambda: len(typist.keys) >= len(names), "the keys")
    assert typist.keys == names


@pytest.mark.parametrize(("data", "name"), [(b"\x1bn", "alt+n"), (b"\x1bN", "alt+N"), (b"\x1bY", "alt+Y")])
def test_alt_and_a_letter_have_the_names_that_bindings_have(typist: Typist, data: bytes, name: str) -> None:
    typist.write(data)
    until(lambda: typist.taken, "the key")
    assert [event.key for event in typist.taken if isinstance(event, events.Key)] == [name]


def test_a_key_in_two_pieces_is_one(typist: Typist) -> None:
    typist.write(b"x" * (READ_BYTES - 2) + "€\x1b[A".encode())
    until(lambda: len(typist.keys) >= READ_BYTES, "the keys")
    assert typist.keys[-2:] == ["€", "up"]


def test_a_long_paste_is_one_and_whole(typist: Typist) -> None:
    text = "line €\n" * READ_BYTES
    writer = threading.Thread(target=typist.write, args=(f"\x1b[200~{text}\x1b[201~j".encode(),))
    writer.start()
    until(lambda: typist.keys, "the key after the paste")
    writer.join(5)
    assert typist.pastes == [text]
    assert typist.keys == ["j"]


def test_an_end_is_heard_again_after_it_was_taken_back() -> None:
    reading, writing = os.pipe()
    ended = Ended()
    for _ in range(2):
        thread = threading.Thread(target=read_keys, args=(reading, lambda event: None, ended))
        thread.start()
        ended.set()
        ended.set()
        thread.join(5)
        assert not thread.is_alive()
        ended.clear()
        ended.clear()
    os.close(reading)
    os.close(writing)
