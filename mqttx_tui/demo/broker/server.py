"""The embedded broker: listeners around the core."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

from mqttx_tui.demo.broker.admission import BAD_USER
from mqttx_tui.demo.broker.core import Authenticate, Authorise, Core
from mqttx_tui.demo.broker.counters import Counters
from mqttx_tui.demo.broker.limits import Limits
from mqttx_tui.demo.broker.pipes import StreamPipe, WebSocketPipe
from mqttx_tui.wire.packets import Connect

_TICK = 0.1
_SHUTTING_DOWN = 0x8B
_STOP_TIMEOUT = 1.0


def server_tls(cert: str, key: str, client_ca: str = "") -> ssl.SSLContext:
    """TLS for a listener from PEM files; with ``client_ca`` clients must show a certificate of it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def password_check(users: Mapping[str, str]) -> Authenticate:
    """Admits exactly these user names with their passwords."""

    def check(connect: Connect) -> int:
        wanted = users.get(connect.username or "")
        given = connect.password or b""
        if wanted is None or not hmac.compare_digest(wanted.encode(), given):
            return BAD_USER
        return 0

    return check


class Broker:
    """MQTT 3.1, 3.1.1 and 5 over TCP and WebSocket, on loopback unless ``host`` says otherwise.

    Port 0 takes a free one, ``None`` opens none; after ``start`` ``port`` and ``ws_port`` are the real
    ones. ``tls`` makes both listeners TLS (mqtts and wss). ``users`` maps names to passwords,
    which clients send or, with MQTT 5, prove by SCRAM-SHA-256 or SCRAM-SHA-512;
    ``authenticate`` and ``authorise`` decide with reason codes of their own. ``path`` adds a unix socket.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int | None = 0,
        ws_port: int | None = 0,
        *,
        path: str | Path | None = None,
        tls: ssl.SSLContext | None = None,
        users: Mapping[str, str] | None = None,
        authenticate: Authenticate | None = None,
        authorise: Authorise | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.host = host
        self._wanted = (port, ws_port)
        self._path = path
        self._tls = tls
        self._authenticate = authenticate or (password_check(users) if users is not None else None)
        self._authorise = authorise
        self._users = users
        self._limits = limits or Limits()
        self._core: Core | None = None
        self._servers: list[asyncio.Server] = []
        self._ticker: asyncio.Task[None] | None = None
        self.port = 0
        self.ws_port = 0

    @property
    def core(self) -> Core:
        """Sessions, subscriptions, retained messages: for tests that look inside."""
        assert self._core is not None, "the broker was not started"
        return self._core

    @property
    def counters(self) -> Counters:
        """What was counted since the start."""
        return self.core.counters

    @property
    def dropped(self) -> int:
        """Messages that slow or absent clients did not get."""
        return self.core.counters.dropped

    async def start(self) -> None:
        """Listen. Raises ``OSError`` for a port that is taken."""
        self._core = core = Core(self._limits, self._authenticate, self._authorise, self._users)
        port, ws_port = self._wanted
        try:
            if port is not None:
                self.port = await self._listen(lambda: StreamPipe(core), port)
            if ws_port is not None:
                self.ws_port = await self._listen(lambda: WebSocketPipe(core), ws_port)
            if self._path is not None:
                loop = asyncio.get_running_loop()
                server = await loop.create_unix_server(lambda: StreamPipe(core), str(self._path))
                self._servers.append(server)
        except OSError:
            await self.stop()
            raise
        self._ticker = asyncio.create_task(self._tick(core), name="broker ticker")

    async def _listen(self, factory: Callable[[], asyncio.Protocol], port: int) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(factory, self.host, port, ssl=self._tls)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def _tick(self, core: Core) -> None:
        while True:
            core.tick()
            await asyncio.sleep(_TICK)

    async def stop(self) -> None:
        """Tell every client (DISCONNECT 0x8B in version 5), close every link; wills stay unsaid."""
        core = self._core
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
            self._ticker = None
        for server in self._servers:
            server.close()
        if core is not None:
            for conversation in list(core.open):
                conversation.shut_down(_SHUTTING_DOWN)
            if core.transports:
                core.idle.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(core.idle.wait(), _STOP_TIMEOUT)
            for transport in list(core.transports):
                transport.abort()
            await asyncio.sleep(0)
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()
