"""Heads of WebSocket frames, beside what the ``websockets`` library makes and reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from mqttx_tui.wire.frame_heads import describe_head, head_of, heads_of, plain_head, unmasked

OPCODES = st.sampled_from(list(Opcode))
LENGTHS = st.one_of(st.integers(0, 130), st.sampled_from([65_535, 65_536, 70_000]))


@given(OPCODES, LENGTHS, st.booleans(), st.booleans())
def test_a_head_is_what_the_library_wrote(opcode: Opcode, length: int, final: bool, masked: bool) -> None:
    control = opcode >= Opcode.CLOSE
    data = bytes(min(length, 125) if control else length)
    raw = Frame(opcode, data, fin=final or control).serialize(mask=masked)
    head = head_of(raw)
    assert head is not None
    assert (head.fin, head.rsv, head.opcode, head.length) == (final or control, 0, opcode, len(data))
    assert head.size + head.length == len(raw)
    assert bool(head.key) is masked
    assert unmasked(raw[head.size : head.size + 200], head.key) == data[:200]
    if final and not masked:
        assert plain_head(opcode, len(data)) == raw[: head.size]
    assert all(head_of(raw[:end]) is None for end in range(head.size))


@given(st.lists(st.tuples(OPCODES, LENGTHS, st.booleans()), max_size=6), st.binary(max_size=1))
def test_heads_that_stand_one_behind_the_other(parts: list[tuple[Opcode, int, bool]], rest: bytes) -> None:
    heads = []
    for opcode, length, masked in parts:
        data = bytes(min(length, 125) if opcode >= Opcode.CLOSE else length)
        raw = Frame(opcode, data).serialize(mask=masked)
        heads.append(raw[: len(raw) - len(data)])
    found = heads_of(b"".join(heads) + rest)
    assert [head.size for _, head in found] == [len(head) for head in heads]
    assert [head.opcode for _, head in found] == [opcode for opcode, _, _ in parts]


@given(st.binary(max_size=40))
def test_any_bytes_are_borne(data: bytes) -> None:
    for at, head in heads_of(data):
        assert data[at : at + head.size]
    describe_head(data)


@pytest.mark.parametrize(
    ("first", "said"), [(0x81, "none"), (0xC1, "RSV1 permessage-deflate"), (0xB1, "RSV2 RSV3")]
)
def test_the_parts_stand_at_their_bytes(first: int, said: str) -> None:
    raw = bytes((first, 0xFE)) + (300).to_bytes(2, "big") + b"\x01\x02\x03\x04"
    parts = {field.name: field for field in describe_head(raw)}
    assert parts["extensions"].value == said
    assert (parts["opcode"].value, parts["fin"].value, parts["mask"].value) == ("text", True, True)
    assert parts["payload length"][1:] == (300, 1, 4)
    assert parts["masking key"][1:] == ("01 02 03 04", 4, 8)
