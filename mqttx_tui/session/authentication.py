"""Enhanced authentication of one connection (MQTT 5.0 §4.12): CONNECT, AUTH both ways, CONNACK, and all
of it again while the connection stands (§4.12.1).

aiomqtt and paho know nothing of it: paho sends CONNECT with the properties that it is given, AUTH passes
it by in both directions, and it sees CONNACK once the broker proved itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from enum import Enum, auto

from mqttx_tui.model.errors import Exit, InputError, LinkError
from mqttx_tui.model.profile import SCRAM_METHODS, Profile
from mqttx_tui.wire.errors import PROTOCOL_ERROR, MalformedPacket
from mqttx_tui.wire.packets import Auth, Connack, Properties
from mqttx_tui.wire.scram import ScramClient

SUCCESS = 0x00
CONTINUE = 0x18
AGAIN = 0x19
"""Reasons of AUTH (MQTT 5.0 §3.15.2.1): the last one, one more step, and from a client the first one."""

Send = Callable[[Auth], None]
Fail = Callable[[LinkError], None]


class _State(Enum):
    CONNECTING = auto()
    STANDING = auto()
    AGAIN = auto()


class Authentication:
    """``method`` and ``first`` go into CONNECT; then ``auth`` for each AUTH that comes, ``connack`` at the
    end of the first exchange, and ``again`` for each one more.

    SCRAM is worked out in a thread: a broker may ask for seconds of it.
    """

    def __init__(self, profile: Profile) -> None:
        """Raises ``InputError`` for a user name or password that SCRAM does not allow."""
        wanted = profile.properties
        self.method = wanted.authentication_method
        self._profile = profile
        self._more: Properties = dict(profile.packet_properties.auth)
        self._scram: ScramClient | None = None
        self._challenged = False
        self._state = _State.CONNECTING
        self._task: asyncio.Task[None] | None = None
        self._asked_at = 0.0
        self._waiting: list[asyncio.Future[float | None]] = []
        self._send: Send | None = None
        self._fail: Fail | None = None
        self.first: bytes | None = None
        if self.knows_steps:
            self.first = self._new_scram().first()
        elif wanted.authentication_data:
            self.first = str(wanted.authentication_data).encode("utf-8", "surrogateescape")

    @property
    def knows_steps(self) -> bool:
        """Whether AUTH with this method can be answered."""
        return self.method in SCRAM_METHODS

    def attach(self, send: Send, fail: Fail) -> None:
        """Where AUTH goes out, and what ends the connection."""
        self._send, self._fail = send, fail

    def _new_scram(self) -> ScramClient:
        profile = self._profile
        self._scram = ScramClient(self.method, str(profile.username), str(profile.password or ""))
        self._challenged = False
        return self._scram

    def auth(self, packet: Auth) -> str:
        """Deal with an AUTH from the broker; returns what is worth an event, mostly nothing.

        Raises ``MalformedPacket`` for one that the standard does not allow here.
        """
        if packet.properties.get("authentication_method") != self.method:
            raise MalformedPacket(0, "AUTH with the method of CONNECT", reason=PROTOCOL_ERROR)
        data = packet.properties.get("authentication_data", b"")
        if self._state is _State.STANDING:
            return self._asked_for_again(packet, data)
        if self._scram is None:
            self._failed(
                LinkError(
                    f"the broker asks for one more step of {self.method!r}, which is not known here",
                    stage="mqtt",
                    title="Authentication method not known",
                    hint=f"methods with several steps are {' and '.join(SCRAM_METHODS)}",
                    retry=False,
                    exit_code=Exit.NOT_AUTHORISED,
                )
            )
            return ""
        if self._state is _State.AGAIN and packet.reason == SUCCESS:
            return self._done_again(self._scram, data)
        if packet.reason != CONTINUE or self._challenged:
            raise MalformedPacket(0, "one AUTH that asks to go on", reason=PROTOCOL_ERROR)
        self._challenged = True
        self._task = asyncio.create_task(self._answer(self._scram, data))
        self._task.add_done_callback(self._answered)
        return ""

    async def _answer(self, scram: ScramClient, challenge: bytes) -> None:
        try:
            answer = await asyncio.to_thread(scram.final, challenge)
        except LinkError as error:
            if self._state is _State.AGAIN:
                error.stage = "link"
            self._failed(error)
            return
        self._put(CONTINUE, answer)

    def _answered(self, task: asyncio.Task[None]) -> None:
        """What nobody foresaw must not leave both sides waiting for each other."""
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._failed(
                LinkError(
                    f"AUTH could not be answered: {type(error).__name__}",
                    stage="mqtt" if self._state is _State.CONNECTING else "link",
                    title="Authentication failed",
                )
            )

    def _asked_for_again(self, packet: Auth, data: bytes) -> str:
        """AUTH that we did not ask for. Only a client may begin anew (§4.12.1); where all it says is
        "do it again", that is done the standard's way, and everything else is an error."""
        if not self.knows_steps or packet.reason not in (CONTINUE, AGAIN) or data:
            raise MalformedPacket(0, "no AUTH after CONNACK that we did not ask for", reason=PROTOCOL_ERROR)
        self._begin()
        return f"the broker asks with AUTH 0x{packet.reason:02X} to authenticate again: done"

    def again(self) -> asyncio.Future[float | None]:
        """Authenticate again; resolves with how many ms that took, with None when the link ends before."""
        waiting: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        if self._state is not _State.AGAIN:
            self._begin()
        return waiting

    def _begin(self) -> None:
        self._state = _State.AGAIN
        self._asked_at = time.perf_counter()
        self._put(AGAIN, self._new_scram().first())

    def _done_again(self, scram: ScramClient, data: bytes) -> str:
        try:
            scram.verify(data)
        except LinkError as error:
            error.stage = "link"
            self._failed(error)
            return ""
        self._state = _State.STANDING
        took = (time.perf_counter() - self._asked_at) * 1000
        self._settle(took)
        return f"authenticated again with {self.method} in {took:.0f} ms"

    def connack(self, packet: Connack) -> LinkError | None:
        """What is wrong with a CONNACK that accepts us: a broker must prove itself, too."""
        if self._scram is not None:
            try:
                self._scram.verify(packet.properties.get("authentication_data", b""))
            except LinkError as error:
                return error
        self._state = _State.STANDING
        return None

    def _put(self, reason: int, data: bytes) -> None:
        assert self._send is not None
        found: Properties = {"authentication_method": self.method, "authentication_data": data}
        self._send(Auth(reason, found | self._more))

    def _failed(self, error: LinkError) -> None:
        assert self._fail is not None
        self._fail(error)

    def _settle(self, took: float | None) -> None:
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            if not one.done():
                one.set_result(took)

    def stop(self) -> None:
        """The connection is over."""
        if self._task is not None:
            self._task.cancel()
        self._settle(None)


def authentication_of(profile: Profile) -> Authentication | None:
    """None where the profile names no method. Raises ``InputError``."""
    return Authentication(profile) if profile.properties.authentication_method else None


def check_again(profile: Profile) -> None:
    """Raise ``InputError`` where a connection cannot be authenticated again, with the reason."""
    method = profile.properties.authentication_method
    if method in SCRAM_METHODS:
        return
    known = " or ".join(SCRAM_METHODS)
    if method:
        text = f"{profile.label} authenticates with {method!r}, whose steps are not known here"
    else:
        text = f"{profile.label} has no authentication method: its password was checked when it connected"
    raise InputError(
        text,
        title="Cannot authenticate again",
        hint=f"MQTT 5 with properties.authentication_method = {known} can; else disconnect and connect",
    )
