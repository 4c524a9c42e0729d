"""Enhanced authentication of one connection (MQTT 5.0 §4.12): CONNECT, AUTH both ways, CONNACK.

aiomqtt and paho know nothing of it: paho sends CONNECT with the properties that it is given, and what
comes after it passes here before paho sees CONNACK.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.profile import SCRAM_METHODS, Profile
from mqttx_tui.wire.encode import encode
from mqttx_tui.wire.errors import PROTOCOL_ERROR, MalformedPacket
from mqttx_tui.wire.packets import V5, Auth, Connack
from mqttx_tui.wire.scram import ScramClient

CONTINUE = 0x18
"""Reason of an AUTH that is not the last one (MQTT 5.0 §3.15.2.1)."""


class Authentication:
    """``method`` and ``first`` go into CONNECT; then ``auth`` for each AUTH, ``connack`` at the end.

    SCRAM is worked out in a thread: a broker may ask for seconds of it.
    """

    def __init__(self, profile: Profile) -> None:
        """Raises ``InputError`` for a user name or password that SCRAM does not allow."""
        wanted = profile.properties
        self.method = wanted.authentication_method
        self._scram: ScramClient | None = None
        self._task: asyncio.Task[None] | None = None
        self.first: bytes | None = None
        if self.method in SCRAM_METHODS:
            self._scram = ScramClient(self.method, str(profile.username), str(profile.password or ""))
            self.first = self._scram.first()
        elif wanted.authentication_data:
            self.first = str(wanted.authentication_data).encode("utf-8", "surrogateescape")

    def auth(self, packet: Auth, send: Callable[[bytes], None], fail: Callable[[LinkError], None]) -> None:
        """Answer an AUTH from the broker; ``send`` takes a whole packet. Raises ``MalformedPacket``."""
        found = packet.properties
        if found.get("authentication_method") != self.method:
            raise MalformedPacket(0, "AUTH with the method of CONNECT", reason=PROTOCOL_ERROR)
        data = found.get("authentication_data", b"")
        if self._scram is None:
            fail(
                LinkError(
                    f"the broker asks for one more step of {self.method!r}, which is not known here",
                    stage="mqtt",
                    title="Authentication method not known",
                    hint=f"methods with several steps are {' and '.join(SCRAM_METHODS)}",
                    retry=False,
                    exit_code=Exit.NOT_AUTHORISED,
                )
            )
            return
        if packet.reason != CONTINUE or self._task is not None:
            raise MalformedPacket(0, "one AUTH that asks to go on", reason=PROTOCOL_ERROR)
        self._task = asyncio.create_task(self._answer(self._scram, data, send, fail))

    async def _answer(
        self,
        scram: ScramClient,
        challenge: bytes,
        send: Callable[[bytes], None],
        fail: Callable[[LinkError], None],
    ) -> None:
        try:
            answer = await asyncio.to_thread(scram.final, challenge)
        except LinkError as error:
            fail(error)
            return
        properties = {"authentication_method": self.method, "authentication_data": answer}
        send(encode(Auth(CONTINUE, properties), V5))

    def connack(self, packet: Connack) -> LinkError | None:
        """What is wrong with a CONNACK that accepts us: a broker must prove itself, too."""
        if self._scram is None:
            return None
        try:
            self._scram.verify(packet.properties.get("authentication_data", b""))
        except LinkError as error:
            return error
        return None

    def stop(self) -> None:
        """The connection is over."""
        if self._task is not None:
            self._task.cancel()


def authentication_of(profile: Profile) -> Authentication | None:
    """None where the profile names no method. Raises ``InputError``."""
    return Authentication(profile) if profile.properties.authentication_method else None
