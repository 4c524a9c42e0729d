"""Which view shows a payload."""

from __future__ import annotations

from pathlib import Path

import pytest

from mqttx_tui.model.message import Message
from mqttx_tui.payload import registry
from mqttx_tui.payload.base import Context
from mqttx_tui.payload.decoders import BUILT_IN
from mqttx_tui.payload.registry import LIMIT
from mqttx_tui.ui.decoded import Decoded, Shape, decoded_payload
from tests.ui.bench_app import bench
from tests.ui.test_inspector_payload import body, opened


def decoded(payload: bytes, decoder: str | None = None) -> Decoded:
    message = Message(1, 0, 1, 1, "t", 0, len(payload), b"", len(payload))
    return decoded_payload(message, lambda at, length: payload[at : at + length], Context(), decoder)


def text_of(found: Decoded) -> str:
    lines = (found.document.line(row) for row in range(found.document.line_count()))
    return "\n".join("".join(text for text, _ in spans) for spans in lines)


@pytest.mark.parametrize(
    ("payload", "decoder", "shape", "name"),
    [
        (b"", None, Shape.OTHER, "empty"),
        (b'{"a": 1}', None, Shape.JSON, "json"),
        (b"21.4", None, Shape.JSON, "json"),
        (b"ON", None, Shape.TEXT, "text"),
        (b'{"a": 1', None, Shape.TEXT, "text"),
        (b"\x00\xff", None, Shape.HEX, "hex"),
        (b'{"a": 1}', "text", Shape.TEXT, "text"),
        (b'{"a": 1}', "hex", Shape.HEX, "hex"),
        (b'{"a": 1}', "base64", Shape.OTHER, "base64"),
        (b"ON", "json", Shape.OTHER, "json"),
        (b"x" * (LIMIT + 1), None, Shape.PARTS, "text"),
        (b"x" * (LIMIT + 1), "text", Shape.PARTS, "text"),
        (b'{"a": "' + b"x" * LIMIT + b'"}', None, Shape.PARTS, "json"),
        (b'{"a": "' + b"x" * LIMIT + b'"}', "json", Shape.OTHER, "json"),
        (b"\xff" * (LIMIT + 1), None, Shape.HEX, "hex"),
    ],
)
def test_the_shape_of_a_payload(payload: bytes, decoder: str | None, shape: Shape, name: str) -> None:
    found = decoded(payload, decoder)
    assert (found.shape, found.decoder) == (shape, name)


def test_a_decoder_that_does_not_fit_says_so() -> None:
    assert "Not json" in text_of(decoded(b"ON", "json"))
    assert "not json: line 1, column 8" in text_of(decoded(b'{"a": 1'))
    assert "only the first 66 kB" in text_of(decoded(b'{"a": "' + b"x" * LIMIT + b'"}', "json"))


async def test_why_it_is_no_json_stays_beside_what_changed(tmp_path: Path) -> None:
    async with bench(tmp_path) as app:
        await opened(app, b"[1", b"[2")
        await app.until(lambda: "was [1" in body(app)[0], "what changed")
        assert body(app)[1].startswith(" not json: line 1, column 3")


class Knobs:
    """A plug-in: one knob a byte, as JSON."""

    name = "knobs"
    syntax = "json"

    def priority(self, data: bytes, context: Context) -> float:
        return 0.99

    def decode(self, data: bytes, context: Context) -> str:
        knobs = ",\n".join(f'    "{number}": {value}' for number, value in enumerate(data))
        return '{\n  "knobs": {\n' + knobs + "\n  }\n}"


async def test_json_of_a_plug_in_folds_but_no_filter_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "decoders", lambda: (*BUILT_IN, Knobs()))
    async with bench(tmp_path) as app:
        await opened(app, b"\x07\xff", b"\x09\xff")
        await app.until(lambda: "was 7  (+2)" in body(app)[2], "what changed")
        await app.press("down", "enter")
        assert body(app)[1].startswith('›  "knobs": { … 3 lines }')
        await app.press("y")
        assert app.app.clipboard == '{\n  "0": 9,\n  "1": 255\n}'
        await app.press("=")
        await app.until(lambda: "not what a filter reads" in "\n".join(app.lines), "why not")
