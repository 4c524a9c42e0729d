"""CONNECT, SUBSCRIBE, PUBLISH and the message back: the checks of a broker that was reached."""

from __future__ import annotations

import time

from mqttx_tui.doctor.opening import Opening
from mqttx_tui.doctor.plan import Plan, short_id, version_name
from mqttx_tui.doctor.report import Check, Facts, Recorder, Verdict, failed
from mqttx_tui.doctor.talk import Talk, talking
from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.session.options import credentials
from mqttx_tui.transport.base import LinkInfo, OnStage
from mqttx_tui.wire.packets import Connack, PacketType
from mqttx_tui.wire.reasons import reason_name, reason_sentence

NO_SUBSCRIBERS = 0x10
NOT_AUTHORIZED = 0x87
BAD_METHOD = 0x8C
LONGEST_SURE_ID = 23
"""Characters of a client id that every 3.1.1 broker takes (MQTT 3.1.1 §3.1.3.1)."""
SHORT_KEEPALIVE = 10
WITHOUT_A_WORD = (
    "before MQTT 5 a broker closes without a word when another client comes with the same client id, "
    "or when an access list forbids the topic"
)
AFTER_CONNECT = ("subscribe", "publish", "receive")


def ms_since(started: float) -> float:
    """Milliseconds since a ``time.perf_counter``."""
    return (time.perf_counter() - started) * 1000


class Exchange:
    """One connection from CONNECT to the message that came back.

    ``run`` records the checks; ``connack`` and ``version`` then say whether it was accepted.
    """

    def __init__(self, plan: Plan, recorder: Recorder) -> None:
        self._plan = plan
        self._recorder = recorder
        self._opening = Opening(plan, recorder)
        self._client_id = plan.client_id()
        self._started = 0.0
        self.connack: Connack | None = None
        self.version = plan.versions[0]
        self.refused: LinkError | None = None

    async def run(self) -> None:
        """Everything; ends at the first stage that fails."""
        talk = await self._connected()
        if talk is None:
            stages = ("mqtt", *AFTER_CONNECT)
            missing = [stage for stage in stages if self._recorder.report.check(stage) is None]
            self._recorder.skip("not connected", *missing)
            return
        try:
            await self._converse(talk)
        finally:
            await talk.goodbye()

    async def _connected(self) -> Talk | None:
        """The conversation of the first version that the broker takes."""
        for version in self._plan.versions:
            self.version = version
            talk = Talk(self._plan.at(version), version, self._plan.seconds)

            async def open_it(on_stage: OnStage, talk: Talk = talk) -> LinkInfo:
                await talk.open(on_stage)
                return talk.link.info

            opened = await self._quietly(talk) if self.refused else await self._opening.run(open_it)
            if not opened:
                return None
            self._started = time.perf_counter()
            try:
                self.connack = await talk.connect(self._client_id)
            except LinkError as error:
                await talk.goodbye()
                self.refused = error
                if not unknown_version(error, version):
                    break
                continue
            self._recorder.add(self._connack_check(talk, self.connack))
            return talk
        assert self.refused is not None
        await self._explain_refusal(self.refused, ms_since(self._started))
        return None

    async def _quietly(self, talk: Talk) -> bool:
        """Open the link once more for another version; its stages are known."""
        try:
            await talk.open()
        except LinkError as error:
            await self._opening.explain(error)
            return False
        return True

    def _connack_check(self, talk: Talk, connack: Connack) -> Check:
        facts = [("client id", self._client_id), ("session", "resumed" if connack.session_present else "new")]
        facts += connack_facts(connack)
        text = f"{version_name(talk.version)}, CONNACK 0"
        hints = []
        if self.refused is not None:
            hints.append('MQTT 5 was refused: mqtt = "3.1.1" saves the attempt')
        verdict = Verdict.WARNING if hints else Verdict.OK
        return Check("mqtt", verdict, text, ms_since(self._started), tuple(facts), hint="\n".join(hints))

    async def _explain_refusal(self, error: LinkError, ms: float) -> None:
        hints = self._credential_hints(error)
        if error.code in (2, 0x85):
            hints += await self._identifier_hints()
        if unknown_version(error, self.version) and (spoken := await self._other_versions()):
            names = " or ".join(f'"{name.removeprefix("MQTT ")}"' for name in spoken)
            hints.append(f"the broker speaks {' and '.join(spoken)}: mqtt = {names}")
            self._recorder.add(failed(error, ms=ms).known(*hints))
            return
        error.hint = "\n".join((*hints, error.hint)).strip()
        await self._opening.explain(error, ms)

    def _credential_hints(self, error: LinkError) -> list[str]:
        if error.exit_code is not Exit.NOT_AUTHORISED:
            return []
        username, password = credentials(self._plan.profile)
        method = self._plan.profile.properties.authentication_method
        if method:
            return _method_hints(error, method)
        if username is None:
            return [
                "no user name was sent: set username and password (mosquitto lets clients in without "
                "one only with allow_anonymous true)"
            ]
        if password is None:
            return ["no password was sent: set password"]
        return ["mosquitto reads its password_file at its start and at SIGHUP only: was it changed since?"]

    async def _identifier_hints(self) -> list[str]:
        """What the broker has against the client id, by trying others."""
        own, hints = self._client_id, []
        if own != self._plan.profile.client_id and self._plan.profile.client_id:
            hints.append(
                f"the doctor connects as {own}, so as not to throw out {self._plan.profile.client_id}; "
                "--exact-id uses the id as it is"
            )
        if await self._accepts(short_id(), None):
            if len(own) > LONGEST_SURE_ID:
                hints.append(
                    f"{own} has {len(own)} characters, and a short id is accepted: shorten client_id"
                )
            else:
                hints.append(
                    "another client id is accepted: leave client_id out, or ask which are allowed "
                    "(clientid_prefixes in mosquitto)"
                )
        elif await self._accepts(short_id(), SHORT_KEEPALIVE):
            hints.append(
                f"with a keepalive of {SHORT_KEEPALIVE} s it is accepted: the broker limits keepalive "
                "(max_keepalive in mosquitto), and MQTT 3.1.1 has no other words for it"
            )
        return hints

    async def _accepts(self, client_id: str, keepalive: int | None) -> bool:
        talk = Talk(self._plan.at(self.version), self.version, self._plan.seconds)
        try:
            await talk.open()
            await talk.connect(client_id, keepalive=keepalive)
        except LinkError:
            return False
        finally:
            await talk.goodbye()
        return True

    async def _other_versions(self) -> list[str]:
        spoken = []
        for version in (5, 4, 3):
            if version not in self._plan.versions:
                try:
                    async with talking(self._plan, version):
                        spoken.append(version_name(version))
                except LinkError:
                    continue
        return spoken

    # The message there and back

    async def _converse(self, talk: Talk) -> None:
        stages = list(AFTER_CONNECT)
        try:
            if not await self._subscribe(talk):
                self._recorder.skip("not subscribed", *stages[1:])
                return
            stages.remove("subscribe")
            if self._plan.profile.read_only:
                self._recorder.skip("the profile is read-only: nothing is published", *stages)
                return
            await self._publish(talk, stages)
        except LinkError as error:
            check = failed(error, stage=stages[0], ms=ms_since(self._started))
            if not talk.alive and talk.version < 5:
                check = check.advised(WITHOUT_A_WORD)
            self._recorder.add(check)
            self._recorder.skip("the connection was lost before", *stages[1:])

    async def _subscribe(self, talk: Talk) -> bool:
        self._started = time.perf_counter()
        topic = self._plan.topic
        suback = await talk.subscribe(topic, 1)
        reason, ms = suback.reasons[0], ms_since(self._started)
        if reason >= 0x80:
            self._recorder.add(refused_check("subscribe", topic, PacketType.SUBACK, reason, talk.version, ms))
            return False
        facts = (("topic", topic), ("QoS", f"asked 1, granted {reason}"))
        self._recorder.add(Check("subscribe", Verdict.OK, f"granted QoS {reason}", ms, facts))
        return True

    async def _publish(self, talk: Talk, stages: list[str]) -> None:
        topic, payload = self._plan.topic, self._plan.token.encode()
        qos = min(1, maximum_qos(self.connack))
        started = self._started = time.perf_counter()
        reason = await talk.publish(topic, payload, qos)
        ms = ms_since(started)
        if reason >= 0x80:
            self._recorder.add(refused_check("publish", topic, PacketType.PUBACK, reason, talk.version, ms))
            self._recorder.skip("nothing was published", "receive")
            return
        text = f"QoS {qos}, {'acknowledged' if qos else 'sent'}"
        verdict, hint = Verdict.OK, ""
        if reason == NO_SUBSCRIBERS:
            verdict, text = Verdict.WARNING, f"QoS {qos}, PUBACK 0x10 {reason_name(reason)}"
            hint = "the broker found no subscriber, though we are one: it may forbid to read this topic"
        self._recorder.add(Check("publish", verdict, text, ms, (("topic", topic),), hint=hint))
        stages.remove("publish")
        await self._receive(talk, topic, payload, started)

    async def _receive(self, talk: Talk, topic: str, payload: bytes, started: float) -> None:
        try:
            message = await talk.message(topic, payload)
        except LinkError as error:
            if not talk.alive:
                raise
            title, ms = "Nothing came back", ms_since(started)
            text = f"the broker took the message and did not send it back ({error.message})"
            self._recorder.add(
                Check(
                    *("receive", Verdict.FAILED, text, ms),
                    title=title,
                    hint=silence_hint(self._plan.prefix, talk.version),
                    exit_code=Exit.NOT_ACHIEVED,
                )
            )
            return
        text = f"QoS {message.qos}, the same {len(payload)} bytes"
        self._recorder.add(Check("receive", Verdict.OK, text, ms_since(started), (("topic", topic),)))


def _method_hints(error: LinkError, method: str) -> list[str]:
    """The broker and the profile disagree about enhanced authentication (MQTT 5.0 §4.12)."""
    if error.code == BAD_METHOD:
        return [
            f"the broker does not know {method} (mosquitto needs a plug-in for it): take "
            "properties.authentication_method out, and username and password go to it in CONNECT"
        ]
    return [f"the login went by {method}: does the broker know this user and password under that method?"]


def unknown_version(error: LinkError, version: int) -> bool:
    """Whether this may be a broker that does not know the version: it said so, or closed without a word."""
    return error.code in (1, 0x84) or (version == 5 and getattr(error, "kind", "") == "mqtt.closed")


def maximum_qos(connack: Connack | None) -> int:
    """The highest QoS that the broker takes (MQTT 5.0 §3.2.2.3.4)."""
    return 2 if connack is None else int(connack.properties.get("maximum_qos", 2))


def connack_facts(connack: Connack) -> Facts:
    """The properties of CONNACK (MQTT 5.0 §3.2.2.3) by their names, authentication data left out."""
    return tuple(
        (name.replace("_", " "), str(value))
        for name, value in connack.properties.items()
        if name != "authentication_data"
    )


def refused_check(stage: str, topic: str, kind: PacketType, reason: int, version: int, ms: float) -> Check:
    """The check of a SUBSCRIBE or PUBLISH that the broker refused, with its reason code."""
    name = reason_name(reason, kind, version)
    hint = _REFUSAL_HINTS.get(reason, "")
    if reason == NOT_AUTHORIZED or version < 5:
        verb = "subscribe to" if stage == "subscribe" else "publish to"
        hint = (
            f"an access list forbids this user to {verb} the topic (acl_file in mosquitto); "
            "--topic PREFIX tries another"
        )
    return Check(
        stage,
        Verdict.FAILED,
        f"{topic}: {kind.name} 0x{reason:02X} {name}. {reason_sentence(reason, kind, version)}",
        ms,
        title=name,
        hint=hint,
        code=reason,
        exit_code=Exit.NOT_AUTHORISED if reason == NOT_AUTHORIZED else Exit.NOT_ACHIEVED,
    )


_REFUSAL_HINTS = {
    0x8F: "the broker takes no such filter; --topic PREFIX tries another",
    0x90: "the broker takes no such topic; --topic PREFIX tries another",
    0x95: "the broker takes smaller messages only (message_size_limit in mosquitto)",
    0x97: "a limit of the broker is reached: its log says which",
}


def silence_hint(prefix: str, version: int) -> str:
    """Why a message may not come back, without a word about it."""
    hint = f"an access list (acl_file in mosquitto) may forbid this user to publish to or to read {prefix}/#"
    if version < 5:
        hint += ', and MQTT 3.1.1 has no answer that would say so: mqtt = "5" may'
    return f"{hint}\n--topic PREFIX tries other topics; the broker's log says more"
