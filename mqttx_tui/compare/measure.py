"""Measuring one target: two connections, one that publishes and one that subscribes."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from time import perf_counter

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
from mqttx_tui.session.options import NAMES, check_connect
from mqttx_tui.transport.connect import endpoint_of
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.packets import Packet, PacketType, Publish, Pubrel

PREFIX = "mqttx-tui/compare"
"""The usual parent of the topics that are used."""
SHORT_ID = "mqttx-cp-"
"""With eight digits below the 23 characters that every 3.1.1 broker takes (MQTT 3.1.1 §3.1.3.1)."""
FIRST_SIZE = 16
"""Bytes of the message that goes before those that count: it shows whether all is allowed."""
ACKNOWLEDGED = {1: PacketType.PUBACK, 2: PacketType.PUBCOMP}
"""What ends the flow of a PUBLISH (MQTT 5.0 §4.3)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is measured: each QoS with each payload size in bytes, ``count`` times."""

    qos: tuple[int, ...]
    sizes: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class _Sample:
    """One message: its costs, and milliseconds."""

    publisher: Cost
    subscriber: Cost
    came_as: int
    message: float
    flow: float | None


def check(plan: Plan) -> None:
    """Raise ``InputError`` for a profile with which nothing can be measured."""
    endpoint_of(plan.profile)
    check_connect(plan.profile, client_id_of(plan))


def client_id_of(plan: Plan) -> str:
    """A client id that nobody else has, always of the same length for one profile."""
    given = plan.profile.client_id
    return f"{given}-{secrets.token_hex(2)}" if given else SHORT_ID + secrets.token_hex(4)


async def measure(plan: Plan, asked: Asked) -> Result:
    """Measure the connection of ``plan``; what went wrong is in the result, beside what came before.

    Nothing is left behind: topic and client ids are new ones, sessions end with their connections, no
    message is retained, and the will is not sent. Raises ``InputError`` as ``check`` does.
    """
    endpoint = endpoint_of(plan.profile)
    result = Result(plan.profile.label, endpoint.shown(), endpoint.transport, topic=plan.topic)
    measuring = _Measuring(plan, asked, result)
    recorder = Recorder(Report(result.target, "mqtt"), plan.resolved.secrets, lambda _: None)
    try:
        await measuring.run()
    except LinkError as error:
        recorder.add(measuring.explained(error))
    except _Refused as refusal:
        recorder.add(refusal.check)
    finally:
        await measuring.leave()
    result.failure = next(iter(recorder.report.checks), None)
    return result


class _Refused(Exception):
    """The connection stands, and the broker does not do what was asked."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.text)
        self.check = check


class _Measuring:
    """``run`` fills ``result``; ``leave`` ends every connection."""

    def __init__(self, plan: Plan, asked: Asked, result: Result) -> None:
        self._plan = plan
        self._asked = asked
        self._result = result
        self._meters: list[Meter] = []
        self._largest = plan.profile.properties.maximum_packet_size or plan.profile.max_packet
        self._most = 2

    async def run(self) -> None:
        """Everything. Raises ``LinkError`` and ``_Refused``."""
        publisher = await self._publisher()
        subscriber, second = await self._entered(publisher.version)
        assert self._result.connect_times is not None
        self._result.connect_times = Times((*self._result.connect_times.samples, second))
        await self._subscribe(subscriber)
        await self._ping(publisher)
        if self._plan.profile.read_only:
            self._result.skipped.append("publishing: the profile is read-only")
        else:
            await self._publish(publisher, subscriber)
        started = publisher.reading()
        await publisher.goodbye()
        self._result.disconnect = between(started, publisher.reading())

    async def leave(self) -> None:
        """End what still stands, and count it all."""
        for meter in self._meters:
            await meter.goodbye()
        traffic = [meter.traffic for meter in self._meters]
        self._result.total = Both(sum(one.sent for one in traffic), sum(one.received for one in traffic))

    def explained(self, error: LinkError) -> Check:
        """The failure, with what is known about such ones."""
        found = failed(error)
        cut = error.code is None and not self._stand and self._meters[-1].connack is not None
        return found.advised(WITHOUT_A_WORD) if cut and self._meters[-1].version < 5 else found

    @property
    def _stand(self) -> bool:
        """Whether no connection was lost that the broker had accepted."""
        return all(meter.alive for meter in self._meters if meter.connack is not None)

    # Connecting

    async def _publisher(self) -> Meter:
        """The first connection, with the first version that the broker takes."""
        versions = self._plan.versions
        for version in versions:
            try:
                meter, took = await self._entered(version)
            except LinkError as error:
                if version == versions[-1] or not unknown_version(error, version):
                    raise
                continue
            break
        self._result.connect = between(Reading(), meter.reading())
        self._result.connect_times = Times((took,))
        self._result.version = NAMES[version]
        info = meter.link.info
        if info.tls_version:
            self._result.tls = f"{info.tls_version}, {info.tls_cipher}"
        assert meter.connack is not None
        self._most = maximum_qos(meter.connack)
        self._largest = min(
            self._largest, int(meter.connack.properties.get("maximum_packet_size", self._largest))
        )
        return meter

    async def _entered(self, version: int) -> tuple[Meter, float]:
        """A connection more, and how long it took."""
        meter = Meter(self._plan.at(version), version, self._plan.seconds)
        self._meters.append(meter)
        self._result.client_id = client_id_of(self._plan)
        started = perf_counter()
        try:
            await meter.enter(self._result.client_id)
        except LinkError:
            await meter.goodbye()
            raise
        return meter, (meter.heard[PacketType.CONNACK] - started) * 1000

    # The exchange

    async def _subscribe(self, subscriber: Meter) -> None:
        started, before = perf_counter(), subscriber.reading()
        topic = self._plan.topic
        reason = (await subscriber.subscribe(topic, 2)).reasons[0]
        if reason >= 0x80:
            kind, version = PacketType.SUBACK, subscriber.version
            raise _Refused(refused_check("subscribe", topic, kind, reason, version, ms_since(started)))
        self._result.subscribe = between(before, subscriber.reading())

    async def _ping(self, publisher: Meter) -> None:
        costs, times = [], []
        for _ in range(self._asked.count):
            before, started = publisher.reading(), perf_counter()
            await publisher.ping()
            times.append((publisher.heard[PacketType.PINGRESP] - started) * 1000)
            costs.append(between(before, publisher.reading()))
        self._result.ping, self._result.ping_times = typical(costs), Times(tuple(times))

    async def _publish(self, publisher: Meter, subscriber: Meter) -> None:
        await self._sample(publisher, subscriber, min(1, self._most), FIRST_SIZE)
        for qos in self._asked.qos:
            if qos > self._most:
                self._result.skipped.append(f"QoS {qos}: the broker takes up to {self._most} (CONNACK)")
                continue
            for size in self._asked.sizes:
                if self._fits(qos, size, publisher.version):
                    await self._series(publisher, subscriber, qos, size)

    def _fits(self, qos: int, size: int, version: int) -> bool:
        packet = Publish(self._plan.topic, bytes(size), qos, packet_id=1 if qos else 0)
        if len(encode(packet, version)) <= self._largest:
            return True
        text = f"{size:,} bytes at QoS {qos}: packets of up to {self._largest:,} bytes are allowed"
        self._result.skipped.append(text)
        return False

    async def _series(self, publisher: Meter, subscriber: Meter, qos: int, size: int) -> None:
        found = [await self._sample(publisher, subscriber, qos, size) for _ in range(self._asked.count)]
        flows = tuple(one.flow for one in found if one.flow is not None)
        self._result.publishings.append(
            Publishing(
                qos,
                size,
                found[0].came_as,
                typical([one.publisher for one in found]),
                typical([one.subscriber for one in found]),
                Times(tuple(one.message for one in found)),
                Times(flows) if flows else None,
            )
        )

    async def _sample(self, publisher: Meter, subscriber: Meter, qos: int, size: int) -> _Sample:
        """One message from its PUBLISH until both connections have nothing more to say about it."""
        topic, payload = self._plan.topic, os.urandom(size)
        await subscriber.stay()
        ours, theirs = publisher.reading(), subscriber.reading()
        started = perf_counter()
        reason = await publisher.publish(topic, payload, qos)
        if reason >= 0x80:
            kind, version = PacketType.PUBACK, publisher.version
            raise _Refused(refused_check("publish", topic, kind, reason, version, ms_since(started)))
        came_as = await self._delivered(subscriber, payload)
        flow = publisher.heard[ACKNOWLEDGED[qos]] - started if qos else None
        return _Sample(
            between(ours, publisher.reading()),
            between(theirs, subscriber.reading()),
            came_as,
            (subscriber.heard[PacketType.PUBLISH] - started) * 1000,
            None if flow is None else flow * 1000,
        )

    async def _delivered(self, subscriber: Meter, payload: bytes) -> int:
        """Wait for the message and the end of its flow; returns its QoS."""

        def ours(packet: Packet) -> bool:
            return isinstance(packet, Publish) and packet.payload == payload

        try:
            message = await subscriber.wait(ours, "the message")
        except LinkError as error:
            if not self._stand:
                raise
            raise _Refused(self._silence(subscriber, error)) from None
        assert isinstance(message, Publish)
        if message.qos == 2:
            await subscriber.wait(lambda packet: isinstance(packet, Pubrel), "PUBREL")
        return message.qos

    def _silence(self, subscriber: Meter, error: LinkError) -> Check:
        text = f"the broker took the message and did not send it back ({error.message})"
        hint = silence_hint(self._plan.prefix, subscriber.version)
        title, code = "Nothing came back", Exit.NOT_ACHIEVED
        return Check("receive", Verdict.FAILED, text, title=title, hint=hint, exit_code=code)
