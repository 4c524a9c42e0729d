"""Opening links: the stages from a resolved profile to an open link."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.model.proxy import Proxy, parse_proxy
from mqttx_tui.transport.base import (
    FrameHandler,
    FrameLink,
    Link,
    LinkHandler,
    LinkInfo,
    OnStage,
    Tap,
    Untapped,
)
from mqttx_tui.transport.counting import Traffic, counted
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.names import Address, resolve
from mqttx_tui.transport.proxy import pass_through
from mqttx_tui.transport.redirects import Redirected, follow
from mqttx_tui.transport.sockets import connect_tcp, connect_unix
from mqttx_tui.transport.stages import Stages
from mqttx_tui.transport.stream import StreamLink, explain_loss
from mqttx_tui.transport.tls import certificate_names, describe, is_verified, secure
from mqttx_tui.transport.tls_failures import (
    HOSTNAME_MISMATCH,
    TlsPeer,
    explain_names,
    explain_tls,
    other_url,
)

if TYPE_CHECKING:
    from mqttx_tui.transport.upgrade import Head
    from mqttx_tui.transport.websocket import WebSocketLink


async def open_link(
    resolved: Resolved,
    handler: LinkHandler,
    on_stage: OnStage,
    traffic: Traffic | None = None,
    tap: Tap | None = None,
) -> Link:
    """Open the byte link that the profile's URL names: tcp, tls, ws, wss or unix.

    ``handler`` hears nothing before this returns; ``traffic`` counts at the socket from its first byte
    on, and ``tap`` is told of the HTTP of a proxy and of a WebSocket's upgrade. Raises ``LinkError`` with
    stage, title and hint; every stage is bounded by the profile's ``connect_timeout``. Cancelling drops
    what was opened.
    """
    if endpoint_of(resolved.profile).transport in ("ws", "wss"):
        from mqttx_tui.transport.upgrade import make_request  # not for a plain mqtt://
        from mqttx_tui.transport.ws_bytes import ByteWebSocket

        def make(opening: _Opening) -> ByteWebSocket:
            request = make_request(opening.profile, opening.endpoint, mqtt=True)
            return ByteWebSocket(opening.info, handler, opening.explain, request, opening.tap)

        return await _open_websocket(resolved.profile, on_stage, make, mqtt=True, tap=tap, traffic=traffic)
    opening = _Opening(resolved.profile, on_stage, traffic, tap)
    stream = StreamLink(opening.info, handler, opening.explain)
    await opening.connect(stream)
    stream.start()
    return stream


async def open_frame_link(
    resolved: Resolved, handler: FrameHandler, on_stage: OnStage, tap: Tap | None = None
) -> FrameLink:
    """Open a raw WebSocket (ws or wss) that carries messages; otherwise like ``open_link``."""
    from mqttx_tui.transport.upgrade import make_request
    from mqttx_tui.transport.websocket import FrameWebSocket

    def make(opening: _Opening) -> FrameWebSocket:
        request = make_request(opening.profile, opening.endpoint, mqtt=False)
        return FrameWebSocket(opening.info, handler, opening.explain, request, opening.tap)

    return await _open_websocket(resolved.profile, on_stage, make, mqtt=False, tap=tap)


_Made = TypeVar("_Made", bound="WebSocketLink")


async def _open_websocket(
    profile: Profile,
    on_stage: OnStage,
    make: Callable[[_Opening], _Made],
    *,
    mqtt: bool,
    tap: Tap | None,
    traffic: Traffic | None = None,
) -> _Made:
    """Connect and upgrade, and again at each place that a redirect names."""
    followed: tuple[str, ...] = ()
    while True:
        opening = _Opening(profile, on_stage, traffic, tap)
        opening.info.redirects = followed
        link = make(opening)
        target = await opening.upgrade(link, mqtt=mqtt)
        if target is None:
            return link
        followed = opening.info.redirects
        profile = target


def endpoint_of(profile: Profile) -> Endpoint:
    """Where a resolved profile leads. Raises ``InputError`` for a URL that is not resolved or bad."""
    if not isinstance(profile.url, str):
        raise InputError(f"{profile.key}: the URL was not fetched", title="Bad URL")
    return parse_url(profile.url)


def _proxy_of(profile: Profile, endpoint: Endpoint) -> Proxy | None:
    if not profile.proxy:
        return None
    try:
        if endpoint.transport == "unix":
            raise InputError("a unix socket has none", hint="take proxy out of the profile")
        return parse_proxy(profile.proxy)
    except InputError as error:
        raise failure("proxy.bad", reason=error.message, advice=error.hint) from None


class _Opening:
    """One attempt: what its stages share."""

    def __init__(self, profile: Profile, on_stage: OnStage, traffic: Traffic | None, tap: Tap | None) -> None:
        self.profile = profile
        self.tap: Tap = tap or Untapped()
        self._traffic = traffic
        self.endpoint = endpoint_of(profile)
        self.info = LinkInfo(self.endpoint.transport)
        self._peer = TlsPeer(self.endpoint, profile.tls)
        self._stages = Stages(self.info, on_stage, profile.connect_timeout)
        self._seconds = f"{profile.connect_timeout:g}"
        self._address: Address | None = None
        self._proxy = _proxy_of(self.profile, self.endpoint)

    def explain(self, error: Exception) -> LinkError:
        """Why the open link broke."""
        if isinstance(error, ssl.SSLError):
            return explain_tls(error, self._peer)
        return explain_loss(error, self.info)

    async def connect(self, protocol: asyncio.Protocol) -> None:
        """Everything below the WebSocket upgrade; ``protocol`` is connected afterwards."""
        if self.endpoint.transport == "unix":
            stream = await self._unix()
        elif self._proxy is not None:
            stream = await self._through(self._proxy)
        else:
            endpoint = self.endpoint
            stream, self._address = await self._tcp(endpoint.host, endpoint.port, endpoint.authority)
        if self.endpoint.secure:
            await self._tls(protocol, stream)
        else:
            await asyncio.get_running_loop().create_connection(lambda: protocol, sock=stream)

    async def upgrade(self, link: WebSocketLink, *, mqtt: bool) -> Profile | None:
        """Connect and upgrade to WebSocket (RFC 6455 §4.1).

        Returns the profile for another place where the server redirects there; ``link`` is dropped.
        """
        await self.connect(link)
        address = self.endpoint.authority
        late = failure("upgrade.timeout", address=address, seconds=self._seconds)
        target: Profile | None = None
        try:
            async with self._stages.stage("upgrade", late, self.endpoint.path.partition("?")[0]) as stage:
                try:
                    await link.upgrade()
                    stage.detail = f"101, {self.info.subprotocol}" if self.info.subprotocol else "101"
                except Redirected as redirect:
                    target, stage.detail = self._redirected(redirect.head, mqtt)
        except BaseException:
            link.abort()
            raise
        if target is None:
            link.start()
        else:
            link.abort()
        return target

    def _redirected(self, head: Head, mqtt: bool) -> tuple[Profile, str]:
        """Where to go on, and what to say about it."""
        followed = self.info.redirects
        target = follow(self.profile, self.endpoint, head, mqtt=mqtt, followed=len(followed))
        shown = f"{head.status} → {endpoint_of(target).shown()}"
        self.info.redirects = (*followed, shown)
        return target, shown

    async def _unix(self) -> socket.socket:
        path = self.endpoint.path
        late = failure("tcp.timeout", address=path, seconds=self._seconds)
        async with self._stages.stage("tcp", late, path):
            stream = await connect_unix(path)
        self.info.peer = path
        return self._counted(stream)

    async def _tcp(self, host: str, port: int, authority: str) -> tuple[socket.socket, Address]:
        addresses = await self._names(host, port)
        late = failure("tcp.timeout", address=authority, seconds=self._seconds)
        async with self._stages.stage("tcp", late, addresses[0].shown()) as stage:
            stream, address = await connect_tcp(addresses)
            stage.detail = self.info.peer = address.shown()
        return self._counted(stream), address

    def _counted(self, stream: socket.socket) -> socket.socket:
        return stream if self._traffic is None else counted(stream, self._traffic)

    async def _names(self, host: str, port: int) -> list[Address]:
        late = failure("name.timeout", host=host, seconds=self._seconds)
        async with self._stages.stage("name", late, host) as stage:
            addresses = await resolve(host, port)
            stage.detail = f"{host} → {', '.join(address.host for address in addresses)}"
        return addresses

    async def _through(self, proxy: Proxy) -> socket.socket:
        """A tunnel through the proxy: the stages ``name`` and ``tcp`` are about the proxy."""
        host, endpoint = self.endpoint.host, self.endpoint
        if proxy.scheme == "socks5":
            host = (await self._names(host, endpoint.port))[0].host
        shown, target = proxy.shown(), endpoint.authority
        stream, _ = await self._tcp(proxy.host, proxy.port, shown)
        late = failure("proxy.timeout", proxy=shown, target=target, seconds=self._seconds)
        try:
            async with self._stages.stage("proxy", late, shown) as stage:
                said = await pass_through(stream, proxy, host, endpoint.port, self.tap)
                stage.detail = f"{shown} → {target}, {said}"
        except BaseException:
            stream.close()
            raise
        self.info.peer = target
        self.info.proxy = shown
        return stream

    async def _tls(self, protocol: asyncio.Protocol, stream: socket.socket) -> None:
        options, peer, endpoint = self.profile.tls, self._peer, self.endpoint
        late = failure(
            "tls.timeout", address=endpoint.authority, seconds=self._seconds, other=other_url(endpoint)
        )
        async with self._stages.stage("tls", late, peer.server_name) as stage:
            try:
                transport = await secure(
                    protocol, stream, options, peer.server_name, self.profile.connect_timeout
                )
            except ssl.SSLCertVerificationError as error:
                if error.verify_code not in HOSTNAME_MISMATCH:
                    raise explain_tls(error, peer) from None
                names = []
                if self._address is not None:  # a second connection, not through a proxy
                    names = await certificate_names(self._address, options, peer.server_name)
                raise explain_names(names, peer) from None
            except OSError as error:
                raise explain_tls(error, peer) from None
            except (ValueError, TypeError) as error:
                raise failure("tls.name_bad", name=peer.server_name, reason=error) from None
            describe(self.info, transport)
            self.info.tls_verified = is_verified(options)
            stage.detail = f"{self.info.tls_version}, {self.info.tls_cipher}"
