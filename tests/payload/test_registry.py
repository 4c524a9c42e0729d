"""Which decoder is taken, what happens when it fails, and plug-ins."""

from __future__ import annotations

import base64
import logging
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.visible import visible_lines
from mqttx_tui.payload import registry
from mqttx_tui.payload.base import Context, Decoded
from mqttx_tui.payload.registry import LIMIT, decode

PLAIN = Context()


@pytest.mark.parametrize(
    ("data", "context", "decoder"),
    [
        (b'{"a":1}', PLAIN, "json"),
        (b" [1]", PLAIN, "json"),
        (b"21.4", PLAIN, "json"),
        (b"true", PLAIN, "json"),
        (b'"x"', PLAIN, "json"),
        (b"ON", PLAIN, "text"),
        ("grün".encode(), PLAIN, "text"),
        (b"", PLAIN, "text"),
        (b"\x1b[31mred\x1b[0m", PLAIN, "text"),
        (b"\x01\x03\x00\x00\x00\x0a", PLAIN, "hex"),
        (b"\xff\xfe", PLAIN, "hex"),
        (b"plain", Context(content_type="application/json"), "text"),
        (b"21.4", Context(content_type="text/plain"), "text"),
        (b"21.4", Context(content_type="application/senml+json"), "json"),
        (b"21.4", Context(format_indicator=1), "text"),
        (b'{"a":1}', Context(format_indicator=1), "json"),
        (b'{"a":1}', Context(binary_frame=True), "json"),
        (b"\xff\xfe", Context(format_indicator=1), "hex"),
        (b"gr\xc3", Context(complete=False), "text"),
        (b"gr\xc3", PLAIN, "hex"),
    ],
)
def test_the_best_fit_is_taken(data: bytes, context: Context, decoder: str) -> None:
    assert decode(data, context).decoder == decoder


def test_what_is_not_json_after_all_is_text_and_the_note_says_why() -> None:
    found = decode(b'{"a":', PLAIN)
    assert (found.decoder, found.text) == ("text", '{"a":')
    assert found.note == "not json: line 1, column 6: expected a value"
    found = decode(b'{"a":"\xff"}', PLAIN)
    assert found.decoder == "hex"
    assert "not json: not UTF-8: byte 0xff at offset 6" in found.note


@pytest.mark.parametrize(("data", "name"), [(b"{", "json"), (b"\xff", "text"), (b"x", "none")])
def test_an_explicit_choice_that_fails_is_loud(data: bytes, name: str) -> None:
    with pytest.raises(AppError):
        decode(data, PLAIN, name)
    if name != "none":
        with pytest.raises(ValueError):
            decode(data, PLAIN, name)


@given(st.binary(max_size=200), st.sampled_from(["hex", "base64"]))
def test_hex_and_base64_fit_always(data: bytes, name: str) -> None:
    text = decode(data, PLAIN, name).text
    if name == "base64":
        assert base64.b64decode(text) == data
        assert all(len(line) <= 76 for line in text.split("\n"))
    else:
        assert bytes.fromhex("".join(line[10:59] for line in text.splitlines())) == data


@given(st.binary(max_size=300), st.booleans())
def test_any_payload_is_shown_somehow(data: bytes, complete: bool) -> None:
    found = decode(data, Context(complete=complete))
    assert isinstance(found, Decoded)
    assert all("\x1b" not in line and "\0" not in line for line in visible_lines(found.text))


def test_only_the_first_part_of_a_large_payload_is_decoded() -> None:
    data = b"[" + b'{"temperature": 21.5, "text": "gr\xc3\xbcn"},' * 1_000_000 + b"1]"
    started = time.perf_counter()
    found = decode(data, PLAIN)
    assert time.perf_counter() - started < 1
    assert found.decoder == "json"
    assert found.note == "only the first 66 kB are shown"
    assert found.text.startswith('[\n  {\n    "temperature": 21.5,\n')
    assert len(found.text) < 4 * LIMIT
    assert decode(b"\xff" * 10_000_000, PLAIN).text.count("\n") == LIMIT // 16 - 1


class Backwards:
    name = "backwards"
    syntax = "text"

    def priority(self, data: bytes, context: Context) -> float:
        return 2.0 if context.topic == "back" else -1.0

    def decode(self, data: bytes, context: Context) -> str:
        if data == b"bad":
            raise RuntimeError("no")
        return data.decode()[::-1]


class Judge(Backwards):
    name = "judge"

    def priority(self, data: bytes, context: Context) -> float:
        raise RuntimeError("cannot judge")


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Entry points: two decoders, one that cannot be imported, one that is none."""
    module = __name__
    entries = [
        EntryPoint("backwards", f"{module}:Backwards", registry.GROUP),
        EntryPoint("judge", f"{module}:Judge", registry.GROUP),
        EntryPoint("missing", f"{module}:Missing", registry.GROUP),
        EntryPoint("nothing", f"{module}:PLAIN", registry.GROUP),
    ]
    monkeypatch.setattr("importlib.metadata.entry_points", lambda *, group: entries)
    registry.decoders.cache_clear()
    yield
    registry.decoders.cache_clear()


def test_plug_ins_join_and_broken_ones_are_logged_and_left_out(
    plugins: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        spoken = ["socket.io", "stomp", "graphql"]
    assert registry.names() == ["json", "text", "hex", "base64", *spoken, "backwards", "judge"]
    assert "missing is left out" in caplog.text
    assert "nothing is left out" in caplog.text
    assert decode(b"abc", Context(topic="back")).text == "cba"
    assert decode(b"abc", PLAIN, "backwards").text == "cba"
    fallen = decode(b"bad", Context(topic="back"))
    assert (fallen.decoder, fallen.note) == ("text", "not backwards: no")
    with pytest.raises(AppError):
        decode(b"bad", PLAIN, "backwards")
