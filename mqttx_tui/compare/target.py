"""One target: a connection that publishes, a second one that subscribes, and what they came to."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from time import perf_counter
from typing import ParamSpec

from mqttx_tui.compare.meter import Meter
from mqttx_tui.compare.results import Both, Cost, Publishing, Reading, Result, Times, between, typical
from mqttx_tui.doctor.exchange import (
    WITHOUT_A_WORD,
    maximum_qos,
    ms_since,
    refused_check,
    silence_hint,
    unknown_version,
)
from mqttx_tui.doctor.plan import Plan
from mqttx_tui.doctor.report import Check, Recorder, Report, Verdict, failed
from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.session.options import NAMES
from mqttx_tui.transport.connect import endpoint_of
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Packet, PacketType, Publish, Pubrel

PREFIX = "mqttx-tui/compare"
"""The usual parent of the topics that are used."""
SHORT_ID = "mqttx-cp-"
"""With eight digits below the 23 characters that every 3.1.1 broker takes (MQTT 3.1.1 §3.1.3.1)."""
TRIAL_SIZE = 16
"""Bytes of the message that goes before those that count: it shows whether all is allowed."""
ACKNOWLEDGED = {1: PacketType.PUBACK, 2: PacketType.PUBCOMP}
"""What ends the flow of a PUBLISH (MQTT 5.0 §4.3)."""
READ_ONLY = "nothing is published: the profile is read-only"
LONG_SECONDS = 3.0
"""After so long no more messages of one kind are sent, though fewer than asked for."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True)
class _Sample:
    """One message: its costs, and milliseconds."""

    publisher: Cost
    subscriber: Cost
    came_as: int
    message: float
    flow: float | None

    @property
    def took(self) -> float:
        """All of it."""
        return max(self.message, self.flow or 0.0)


class _Refused(Exception):
    """The connection stands, and the broker does not do what was asked."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.text)
        self.check = check


class Target:
    """Steps that measure, each run by ``attempt``: after the first that failed there are no more."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        endpoint = endpoint_of(plan.profile)
        self._result = Result(plan.profile.label, endpoint.shown(), endpoint.transport, topic=plan.topic)
        self._meters: list[Meter] = []
        self._publisher: Meter | None = None
        self._subscriber: Meter | None = None
        self._largest = plan.profile.properties.maximum_packet_size or plan.profile.max_packet
        self._most = 2
        self._connects: list[tuple[Cost, float]] = []
        self._leaves: list[Cost] = []
        self._pings: list[tuple[Cost, float]] = []
        self._samples: dict[tuple[int, int], list[_Sample]] = {}

    async def attempt(self, step: Callable[_P, Awaitable[None]], *args: _P.args, **named: _P.kwargs) -> None:
        """Run a step; what goes wrong is kept as the target's failure, and its connections end."""
        if self._result.failure is not None:
            return
        try:
            await step(*args, **named)
        except LinkError as error:
            found = self._explained(error)
        except _Refused as refusal:
            found = refusal.check
        else:
            return
        recorder = Recorder(Report(self._result.target, "mqtt"), self._plan.resolved.secrets, lambda _: None)
        recorder.add(found)
        self._result.failure = recorder.report.checks[0]
        await self.leave()

    def _explained(self, error: LinkError) -> Check:
        """The failure, with what is known about such ones."""
        cut = error.code is None and not self._stand and self._meters[-1].connack is not None
        found = failed(error)
        return found.advised(WITHOUT_A_WORD) if cut and self._meters[-1].version < 5 else found

    @property
    def _stand(self) -> bool:
        """Whether both connections still do."""
        return all(meter is not None and meter.alive for meter in (self._publisher, self._subscriber))

    async def leave(self) -> None:
        """End every connection in good order."""
        for meter in self._meters:
            await meter.goodbye()

    # Connecting

    async def open(self) -> None:
        """Both connections, and the subscription."""
        publisher = self._publisher = await self._first()
        subscriber = self._subscriber = await self._entered(publisher.version)
        await self._subscribe(subscriber)

    async def try_out(self) -> None:
        """One message that does not count."""
        if self._plan.profile.read_only:
            self._result.notes.append(READ_ONLY)
        else:
            await self._sample(min(1, self._most), TRIAL_SIZE)

    async def _first(self) -> Meter:
        """A connection with the first version that the broker takes."""
        versions = self._plan.versions
        for version in versions:
            try:
                meter = await self._entered(version)
            except LinkError as error:
                if version == versions[-1] or not unknown_version(error, version):
                    raise
                continue
            break
        self._result.version = NAMES[version]
        info, connack = meter.link.info, meter.connack
        if info.tls_version:
            self._result.tls = f"{info.tls_version}, {info.tls_cipher}"
        assert connack is not None
        self._most = maximum_qos(connack)
        self._largest = min(self._largest, int(connack.properties.get("maximum_packet_size", self._largest)))
        return meter

    async def _entered(self, version: int) -> Meter:
        """A connection more."""
        meter = Meter(self._plan.at(version), version, self._plan.seconds)
        self._meters.append(meter)
        self._result.client_id = self._client_id()
        try:
            await meter.enter(self._result.client_id)
        except LinkError:
            await meter.goodbye()
            raise
        return meter

    def _client_id(self) -> str:
        """A client id that nobody else has, always of the same length for one profile."""
        given = self._plan.profile.client_id
        return f"{given}-{secrets.token_hex(2)}" if given else SHORT_ID + secrets.token_hex(4)

    async def connect_once(self) -> None:
        """A connection of its own, from the name to CONNACK, and left again."""
        assert self._publisher is not None
        started = perf_counter()
        meter = await self._entered(self._publisher.version)
        there = meter.reading()
        self._connects.append((between(Reading(), there), _ms(meter, PacketType.CONNACK, started)))
        await meter.goodbye()
        self._leaves.append(between(there, meter.reading()))

    # The exchange

    async def _subscribe(self, subscriber: Meter) -> None:
        started, before, topic = perf_counter(), subscriber.reading(), self._plan.topic
        reason = (await subscriber.subscribe(topic, 2)).reasons[0]
        if reason >= 0x80:
            kind, version = PacketType.SUBACK, subscriber.version
            raise _Refused(refused_check("subscribe", topic, kind, reason, version, ms_since(started)))
        if reason < 2:
            self._result.notes.append(f"messages are delivered with QoS {reason} at most (SUBACK)")
        self._result.subscribe = between(before, subscriber.reading())

    async def ping_once(self) -> None:
        """PINGREQ and PINGRESP."""
        publisher = self._publisher
        assert publisher is not None
        before, started = publisher.reading(), perf_counter()
        await publisher.ping()
        took = _ms(publisher, PacketType.PINGRESP, started)
        self._pings.append((between(before, publisher.reading()), took))

    def takes(self, qos: int, size: int) -> bool:
        """Whether such messages may be published; if not, the result says why."""
        if self._result.failure is not None or self._plan.profile.read_only:
            return False
        text = ""
        if qos > self._most:
            text = f"QoS {qos} is not measured: the broker takes up to {self._most} (CONNACK)"
        elif self._size(qos, size) > self._largest:
            text = f"{size:,} bytes at QoS {qos} are not measured: packets have up to {self._largest:,} bytes"
        if text and text not in self._result.notes:
            self._result.notes.append(text)
        return not text

    def _size(self, qos: int, size: int) -> int:
        assert self._publisher is not None
        packet = Publish(self._plan.topic, bytes(size), qos, packet_id=1 if qos else 0)
        return len(encode(packet, self._publisher.version))

    async def publish_once(self, qos: int, size: int) -> None:
        """One message there and back, unless those before took too long."""
        found = self._samples.setdefault((qos, size), [])
        if sum(one.took for one in found) < LONG_SECONDS * 1000:
            found.append(await self._sample(qos, size))

    async def _sample(self, qos: int, size: int) -> _Sample:
        """From PUBLISH until both connections have nothing more to say about it."""
        publisher, subscriber = self._publisher, self._subscriber
        assert publisher is not None
        assert subscriber is not None
        for meter in (publisher, subscriber):
            await meter.stay()
        topic, payload = self._plan.topic, os.urandom(size)
        ours, theirs = publisher.reading(), subscriber.reading()
        started = perf_counter()
        reason = await publisher.publish(topic, payload, qos)
        if reason >= 0x80:
            kind, version = PacketType.PUBACK, publisher.version
            raise _Refused(refused_check("publish", topic, kind, reason, version, ms_since(started)))
        came_as = await self._delivered(subscriber, payload, qos)
        return _Sample(
            between(ours, publisher.reading()),
            between(theirs, subscriber.reading()),
            came_as,
            _ms(subscriber, PacketType.PUBLISH, started),
            _ms(publisher, ACKNOWLEDGED[qos], started) if qos else None,
        )

    async def _delivered(self, subscriber: Meter, payload: bytes, qos: int) -> int:
        """Wait for the message and the end of its flow; returns its QoS."""

        def ours(packet: Packet) -> bool:
            return isinstance(packet, Publish) and packet.payload == payload

        try:
            message = await subscriber.wait(ours, "the message")
        except LinkError as error:
            if not self._stand:
                raise
            what = f"QoS {qos}, {len(payload):,} bytes"
            raise _Refused(self._silence(what, subscriber.version, error)) from None
        assert isinstance(message, Publish)
        if message.qos == 2:
            await subscriber.wait(lambda packet: isinstance(packet, Pubrel), "PUBREL")
        return message.qos

    def _silence(self, what: str, version: int, error: LinkError) -> Check:
        text = f"{what}: the broker took the message and did not send it back ({error.message})"
        hint = silence_hint(self._plan.prefix, version)
        title, code = "Nothing came back", Exit.NOT_ACHIEVED
        return Check("receive", Verdict.FAILED, text, title=title, hint=hint, exit_code=code)

    # What it came to

    def result(self) -> Result:
        """Everything, once the connections have ended."""
        result = self._result
        if self._connects:
            result.connect, result.connect_times = _summed(self._connects)
            result.disconnect = typical(self._leaves) if self._leaves else None
        if self._pings:
            result.ping, result.ping_times = _summed(self._pings)
        taken = sorted((key, found) for key, found in self._samples.items() if found)
        result.publishings = [_publishing(*key, found) for key, found in taken]
        traffic = [meter.traffic for meter in self._meters]
        result.total = Both(sum(one.sent for one in traffic), sum(one.received for one in traffic))
        return result


def _ms(meter: Meter, kind: PacketType, started: float) -> float:
    """Milliseconds until the last packet of this type came."""
    return (meter.heard[kind] - started) * 1000


def _summed(found: list[tuple[Cost, float]]) -> tuple[Cost, Times]:
    return typical([cost for cost, _ in found]), Times(tuple(took for _, took in found))


def _publishing(qos: int, size: int, found: list[_Sample]) -> Publishing:
    flows = tuple(one.flow for one in found if one.flow is not None)
    return Publishing(
        qos,
        size,
        found[0].came_as,
        typical([one.publisher for one in found]),
        typical([one.subscriber for one in found]),
        Times(tuple(one.message for one in found)),
        Times(flows) if flows else None,
    )
