"""Encoding and decoding are inverse, and no bytes raise anything but ``MalformedPacket``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from mqttx_tui.wire.decode import decode
from mqttx_tui.wire.describe import describe, describe_properties
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import MalformedPacket
from mqttx_tui.wire.framing import Splitter
from mqttx_tui.wire.packets import Packet, Publish
from mqttx_tui.wire.properties import decode_properties, encode_properties
from mqttx_tui.wire.publishes import Inbound, take
from mqttx_tui.wire.redact import redact, redact_http
from mqttx_tui.wire.scan import UNSURE, quick_alias
from tests.wire.strategies import cuts, packets, packets_with_version, properties, publishes, versions


@given(packets_with_version())
@settings(max_examples=600, deadline=None)
def test_every_packet_survives(case: tuple[Packet, int]) -> None:
    packet, version = case
    assert decode(encode(packet, version), version) == packet


@given(st.data(), versions)
@settings(max_examples=150, deadline=None)
def test_any_chunking_gives_the_same_packets(data: st.DataObject, version: int) -> None:
    raws = [encode(p, version) for p in data.draw(st.lists(packets(version), min_size=1, max_size=6))]
    splitter = Splitter()
    got = [raw for chunk in data.draw(cuts(b"".join(raws))) for raw in splitter.feed(chunk)]
    assert got == raws
    assert not splitter.unfinished


@given(packets_with_version())
@settings(max_examples=200, deadline=None)
def test_description_covers_every_byte(case: tuple[Packet, int]) -> None:
    packet, version = case
    raw = encode(packet, version)
    fields = describe(raw, version)
    covered = {at for field in fields for at in range(field.start, field.end)}
    assert covered == set(range(len(raw)))
    assert not [field for field in fields if field.name == "malformed"]


@given(properties(3, 5))
@settings(max_examples=200, deadline=None)
def test_properties_survive(found: dict[str, object]) -> None:
    raw = encode_properties(found, 3)
    assert decode_properties(raw, 3) == found
    assert [field.name for field in describe_properties(raw)] == [
        name for name, value in found.items() for _ in (value if isinstance(value, tuple) else (1,))
    ]


@given(st.binary(max_size=60), versions)
@settings(max_examples=800, deadline=None)
def test_random_bytes_raise_only_malformed(raw: bytes, version: int) -> None:
    _survives(raw, version)


@given(packets_with_version(), st.data())
@settings(max_examples=800, deadline=None)
def test_damaged_packets_raise_only_malformed(case: tuple[Packet, int], data: st.DataObject) -> None:
    packet, version = case
    raw = bytearray(encode(packet, version))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    _survives(bytes(raw[: data.draw(st.integers(0, len(raw)))]), version)


def _problem(call: Callable[[], object]) -> MalformedPacket | None:
    try:
        call()
    except MalformedPacket as problem:
        return problem
    return None


def _survives(raw: bytes, version: int) -> None:
    problem = _problem(lambda: decode(raw, version))
    if problem:
        assert 0 <= problem.position <= max(len(raw), 5)
        assert f"byte {problem.position}: expected" in str(problem)
        assert problem.reason >= 0x80
    problem = _problem(lambda: Splitter(1000).feed(raw))
    assert problem is None or problem.reason in (0x81, 0x95)
    taken = take(Inbound(version, {}, lambda name: 1), raw, 0, 0)
    assert 0 <= taken.end <= len(raw)
    describe(raw, version)
    describe_properties(raw)
    redact(raw, version, ["x"])
    redact_http(raw, ["x"])


@given(packets_with_version(), st.data())
@settings(max_examples=200, deadline=None)
def test_what_the_hot_path_takes_decodes_alike(case: tuple[Packet, int], data: st.DataObject) -> None:
    """A PUBLISH that the batch parser accepts is accepted by ``decode``, and the other way round."""
    packet, version = case
    raw = bytearray(encode(packet, version))
    raw[0] = 0x30 | raw[0] & 0x0F
    for _ in range(data.draw(st.integers(0, 2))):
        raw[data.draw(st.integers(2, len(raw) - 1)) if len(raw) > 2 else 1] = data.draw(st.integers(0, 255))
    whole = bytes(raw)
    inbound = Inbound(version, {}, lambda name: 1, alias_maximum=65_535)
    inbound.aliases = dict.fromkeys(range(1, 65_536), b"known")
    if len(whole) > 129:
        return
    wanted = None if _problem(lambda: decode(whole, version)) else decode(whole, version)
    taken = take(inbound, whole, 0, 7)
    assert (wanted is None) == (taken.error is not None or not taken.rows), (whole, taken, wanted)
    if wanted is not None:
        at, topic, flags, size, payload, _raw = taken.rows[0]
        assert (at, topic, flags, size) == (7, 1, whole[0] & 15, len(whole))
        assert payload == getattr(wanted, "payload")  # noqa: B009


@given(publishes(5), st.data())
@settings(max_examples=600, deadline=None)
def test_the_hot_path_refuses_like_decode(packet: Publish, data: st.DataObject) -> None:
    """One byte of a PUBLISH is changed: the same reason, in the same place."""
    raw = bytearray(encode(packet, 5))
    if len(raw) > 129:
        return
    at = data.draw(st.sampled_from([0, *range(2, len(raw))]))
    raw[at] = data.draw(st.integers(0x30, 0x3F) if at == 0 else st.integers(0, 255))
    problem = _problem(lambda: decode(bytes(raw), 5))
    inbound = Inbound(5, {}, lambda name: 1, alias_maximum=65_535)
    inbound.aliases = dict.fromkeys(range(1, 65_536), b"known")
    taken = take(inbound, bytes(raw), 0, 0)
    if problem is not None:
        assert taken.error is not None
        assert (taken.error.position, taken.error.reason) == (problem.position, problem.reason)


@given(properties(3, 5), st.data())
@settings(max_examples=400, deadline=None)
def test_the_quick_look_is_never_wrong(found: dict[str, Any], data: st.DataObject) -> None:
    raw = bytearray(encode_properties(found, 3))
    for _ in range(data.draw(st.integers(0, 2)) if raw else 0):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    alias = quick_alias(bytes(raw))
    if alias != UNSURE:
        assert decode_properties(bytes(raw), 3).get("topic_alias", 0) == alias


def test_the_quick_look_knows_common_properties() -> None:
    common = {"content_type": "t", "user": (("a", "b"),), "subscription_identifier": (1,), "topic_alias": 7}
    assert quick_alias(encode_properties(common, 3)) == 7
