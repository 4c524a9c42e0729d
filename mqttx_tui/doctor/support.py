"""What the broker supports: by what it says in CONNACK (MQTT 5.0 §3.2.2.3), and by trying."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine

from mqttx_tui.doctor.exchange import maximum_qos, ms_since
from mqttx_tui.doctor.plan import Plan, version_name
from mqttx_tui.doctor.report import Check, Recorder, Verdict
from mqttx_tui.doctor.talk import Talk, talking
from mqttx_tui.model.errors import LinkError
from mqttx_tui.session.options import NAMES
from mqttx_tui.wire.packets import V5, Connack, PacketType
from mqttx_tui.wire.reasons import reason_name

YES, NO = "yes", "no"
NO_SHARED, NO_IDENTIFIERS, NO_WILDCARDS = 0x9E, 0xA1, 0xA2
"""Reason codes of SUBACK (MQTT 5.0 §3.9.3)."""
READ_ONLY = "not tried: read-only"
SILENT = "not tried: no message came back"
UNPUBLISHED = "not tried: nothing was published"
_LIMITS = {
    "receive_maximum": ("unacknowledged at once", "65,535"),
    "maximum_packet_size": ("largest packet", "no limit said"),
    "topic_alias_maximum": ("topic aliases", "0"),
    "server_keep_alive": ("keepalive", "as asked"),
    "session_expiry_interval": ("session expiry", "as asked"),
}
"""Properties of CONNACK: what they are called for people, and what their absence means."""


class Support:
    """Tries what a broker supports, each on a connection of its own: a broker may end it in answer."""

    def __init__(
        self, plan: Plan, version: int, connack: Connack, why_not: str, *, subscribes: bool = True
    ) -> None:
        """``why_not`` says why nothing may or can be published and received; empty when it can.
        ``subscribes`` is whether a plain subscription was granted."""
        self._plan = plan
        self._subscribes = subscribes
        self._why_not = why_not
        self._version = version
        self._connack = connack
        self.answers: dict[str, str] = {}
        """What was tried, by name: ``yes``, ``no`` or a few words."""
        self.left_behind: list[str] = []
        """Retained messages that could not be cleared again."""

    async def versions(self) -> Check:
        """Which versions are spoken, by connecting with each."""
        started, facts = time.perf_counter(), []
        for version in (5, 4, 3):
            facts.append((version_name(version), await self._version_answer(version)))
        spoken = [NAMES[version] for version, (_, said) in zip((5, 4, 3), facts, strict=True) if said == YES]
        return Check("versions", Verdict.OK, ", ".join(spoken), ms_since(started), tuple(facts))

    async def _version_answer(self, version: int) -> str:
        if version == self._version:
            return YES
        try:
            async with talking(self._plan, version):
                return YES
        except LinkError as error:
            return f"no: {error.message}"

    async def features(self) -> Check:
        """Everything else."""
        started = time.perf_counter()
        tries: dict[str, Callable[[], Awaitable[str]]] = {
            "QoS": self._qos,
            "retained messages": self._retained,
            "wildcards": self._wildcards,
            "shared subscriptions": self._shared,
            "subscription identifiers": self._identifiers,
        }
        for name, attempt in tries.items():
            if self._why_not and attempt in (self._qos, self._retained):
                self.answers[name] = self._why_not
                continue
            try:
                self.answers[name] = await attempt()
            except LinkError as error:
                self.answers[name] = f"no: {error.message}"
        facts = [*self.answers.items(), *self._limits()]
        missing = [name for name, said in self.answers.items() if lacks(said)]
        text = f"no {', no '.join(missing)}" if missing else "everything that was tried"
        return Check("support", Verdict.OK, text, ms_since(started), tuple(facts))

    def _limits(self) -> list[tuple[str, str]]:
        if self._version < 5:
            return []
        found = self._connack.properties
        return [
            (name, f"{found[key]:,}" if key in found else absent) for key, (name, absent) in _LIMITS.items()
        ]

    def _denied(self, name: str) -> bool:
        """Whether CONNACK says that something is not there: asking all the same is an error."""
        return self._connack.properties.get(name) is False

    async def _qos(self) -> str:
        """Publish and receive at each QoS; the time of the round trip."""
        most = maximum_qos(self._connack)
        took = []
        topic = f"{self._plan.topic}/qos"
        async with talking(self._plan, self._version) as talk:
            reason = (await talk.subscribe(topic, 2)).reasons[0]
            if reason >= 0x80:
                return f"not tried: {reason_name(reason, PacketType.SUBACK, self._version)}"
            for qos in range(most + 1):
                payload, started = f"{self._plan.token} {qos}".encode(), time.perf_counter()
                refused = await talk.publish(topic, payload, qos)
                if refused >= 0x80:
                    return f"{qos} refused: {reason_name(refused, PacketType.PUBACK)}"
                message = await talk.message(topic, payload)
                took.append(f"{qos} in {ms_since(started):.1f} ms")
                if message.qos != qos:
                    took[-1] += f" (came as {message.qos})"
        return ", ".join(took)

    async def _retained(self) -> str:
        """Retain a message, fetch it with a new subscription, and clear it."""
        if self._denied("retain_available"):
            return f"{NO} (CONNACK)"
        topic, payload = f"{self._plan.topic}/retained", self._plan.token.encode()
        self.left_behind.append(topic)
        async with talking(self._plan, self._version) as talk:
            qos = min(1, maximum_qos(self._connack))
            try:
                reason = await talk.publish(topic, payload, qos, retain=True)
                if reason >= 0x80:
                    return f"{NO}: {reason_name(reason, PacketType.PUBACK)}"
                suback = await talk.subscribe(topic, 0)
                return YES if suback.reasons[0] < 0x80 and await _kept(talk, topic, payload) else NO
            finally:
                await _to_its_end(self._clear(topic))

    async def _clear(self, topic: str) -> None:
        """An empty retained message clears a topic (MQTT 5.0 §3.3.1.3); looked at afterwards."""
        try:
            async with talking(self._plan, self._version) as talk:
                await talk.publish(topic, b"", min(1, maximum_qos(self._connack)), retain=True)
            async with talking(self._plan, self._version) as talk:
                await talk.subscribe(topic, 0)
                if not await _kept(talk, topic, self._plan.token.encode()):
                    self.left_behind.remove(topic)
        except LinkError:
            return

    async def _wildcards(self) -> str:
        if self._denied("wildcard_subscription_available"):
            return f"{NO} (CONNACK)"
        return await self._granted(NO_WILDCARDS, f"{self._plan.topic}/+", f"{self._plan.topic}/#")

    async def _shared(self) -> str:
        if self._denied("shared_subscription_available"):
            return f"{NO} (CONNACK)"
        return await self._granted(NO_SHARED, f"$share/{self._plan.token}/{self._plan.topic}")

    async def _granted(self, missing: int, *filters: str) -> str:
        """``missing`` is the reason code of a broker that has it not at all."""
        async with talking(self._plan, self._version) as talk:
            for topic_filter in filters:
                reason = (await talk.subscribe(topic_filter, 0)).reasons[0]
                if reason >= 0x80:
                    return self._refused(reason, missing)
        return YES

    def _refused(self, reason: int, missing: int) -> str:
        """A refusal: that the broker has it not, or that this user may not subscribe to anything here."""
        name = reason_name(reason, PacketType.SUBACK, self._version)
        forbidden = self._version >= V5 and reason != missing
        return f"not known: {name}" if forbidden or not self._subscribes else f"{NO}: {name}"

    async def _identifiers(self) -> str:
        if self._version < 5:
            return "not in this version"
        if self._denied("subscription_identifier_available"):
            return f"{NO} (CONNACK)"
        async with talking(self._plan, self._version) as talk:
            reason = (await talk.subscribe(f"{self._plan.topic}/id", 0, identifier=7)).reasons[0]
        return YES if reason < 0x80 else self._refused(reason, NO_IDENTIFIERS)


async def _to_its_end(work: Coroutine[None, None, None]) -> None:
    """Run ``work`` also where we are cancelled meanwhile: what was retained must be cleared."""
    running = asyncio.ensure_future(work)
    try:
        await asyncio.shield(running)
    except asyncio.CancelledError:
        await running
        raise


def lacks(said: str) -> bool:
    """Whether an answer means that the broker has it not."""
    return said == NO or said.startswith((f"{NO}:", f"{NO} ("))


async def _kept(talk: Talk, topic: str, payload: bytes) -> bool:
    """Whether a retained message came with the subscription: it is there before the answer to a ping."""
    await talk.ping()
    return talk.has_retained(topic, payload)


async def examine_support(plan: Plan, recorder: Recorder, version: int, connack: Connack) -> Support:
    """Record ``versions`` and ``support``."""
    came_back = recorder.report.check("receive")
    published = recorder.report.check("publish")
    went_out = published is not None and published.verdict in (Verdict.OK, Verdict.WARNING)
    why_not = READ_ONLY if plan.profile.read_only else SILENT if went_out else UNPUBLISHED
    well = came_back is not None and came_back.verdict is Verdict.OK
    subscribed = recorder.report.check("subscribe")
    granted = subscribed is not None and subscribed.verdict is Verdict.OK
    support = Support(plan, version, connack, "" if well else why_not, subscribes=granted)
    recorder.add(await support.versions())
    recorder.add(await support.features())
    return support
