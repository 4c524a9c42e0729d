"""Opening links: the stages from a resolved profile to an open link."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import TYPE_CHECKING

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.transport.base import FrameHandler, FrameLink, Link, LinkHandler, LinkInfo, OnStage
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.names import Address, resolve
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
    from mqttx_tui.transport.websocket import WebSocketLink


async def open_link(resolved: Resolved, handler: LinkHandler, on_stage: OnStage) -> Link:
    """Open the byte link that the profile's URL names: tcp, tls, ws, wss or unix.

    ``handler`` hears nothing before this returns. Raises ``LinkError`` with stage, title and hint;
    every stage is bounded by the profile's ``connect_timeout``. Cancelling drops what was opened.
    """
    opening = _Opening(resolved.profile, on_stage)
    if opening.endpoint.transport in ("ws", "wss"):
        from mqttx_tui.transport.upgrade import make_request  # not for a plain mqtt://
        from mqttx_tui.transport.websocket import ByteWebSocket

        request = make_request(opening.profile, opening.endpoint, mqtt=True)
        link = ByteWebSocket(opening.info, handler, opening.explain, request)
        await opening.upgrade(link)
        return link
    stream = StreamLink(opening.info, handler, opening.explain)
    await opening.connect(stream)
    stream.start()
    return stream


async def open_frame_link(resolved: Resolved, handler: FrameHandler, on_stage: OnStage) -> FrameLink:
    """Open a raw WebSocket (ws or wss) that carries messages; otherwise like ``open_link``."""
    from mqttx_tui.transport.upgrade import make_request
    from mqttx_tui.transport.websocket import FrameWebSocket

    opening = _Opening(resolved.profile, on_stage)
    request = make_request(opening.profile, opening.endpoint, mqtt=False)
    link = FrameWebSocket(opening.info, handler, opening.explain, request)
    await opening.upgrade(link)
    return link


def endpoint_of(profile: Profile) -> Endpoint:
    """Where a resolved profile leads. Raises ``InputError`` for a URL that is not resolved or bad."""
    if not isinstance(profile.url, str):
        raise InputError(f"{profile.key}: the URL was not fetched", title="Bad URL")
    return parse_url(profile.url)


class _Opening:
    """One attempt: what its stages share."""

    def __init__(self, profile: Profile, on_stage: OnStage) -> None:
        self.profile = profile
        self.endpoint = endpoint_of(profile)
        self.info = LinkInfo(self.endpoint.transport)
        self._peer = TlsPeer(self.endpoint, profile.tls)
        self._stages = Stages(self.info, on_stage, profile.connect_timeout)
        self._seconds = f"{profile.connect_timeout:g}"
        self._address: Address | None = None

    def explain(self, error: Exception) -> LinkError:
        """Why the open link broke."""
        if isinstance(error, ssl.SSLError):
            return explain_tls(error, self._peer)
        return explain_loss(error, self.info)

    async def connect(self, protocol: asyncio.Protocol) -> None:
        """Everything below the WebSocket upgrade; ``protocol`` is connected afterwards."""
        if self.profile.proxy:
            raise failure("proxy.unsupported", proxy=self.profile.proxy.rpartition("@")[2])
        stream = await (self._unix() if self.endpoint.transport == "unix" else self._tcp())
        if self.endpoint.secure:
            await self._tls(protocol, stream)
        else:
            await asyncio.get_running_loop().create_connection(lambda: protocol, sock=stream)

    async def upgrade(self, link: WebSocketLink) -> None:
        """Connect and upgrade to WebSocket (RFC 6455 §4.1)."""
        await self.connect(link)
        address = self.endpoint.authority
        late = failure("upgrade.timeout", address=address, seconds=self._seconds)
        try:
            async with self._stages.stage("upgrade", late, self.endpoint.path.partition("?")[0]) as stage:
                await link.upgrade()
                stage.detail = f"101, {self.info.subprotocol}" if self.info.subprotocol else "101"
        except BaseException:
            link.abort()
            raise
        link.start()

    async def _unix(self) -> socket.socket:
        path = self.endpoint.path
        late = failure("tcp.timeout", address=path, seconds=self._seconds)
        async with self._stages.stage("tcp", late, path):
            stream = await connect_unix(path)
        self.info.peer = path
        return stream

    async def _tcp(self) -> socket.socket:
        host = self.endpoint.host
        late = failure("name.timeout", host=host, seconds=self._seconds)
        async with self._stages.stage("name", late, host) as stage:
            addresses = await resolve(host, self.endpoint.port)
            stage.detail = f"{host} → {', '.join(address.host for address in addresses)}"
        late = failure("tcp.timeout", address=self.endpoint.authority, seconds=self._seconds)
        async with self._stages.stage("tcp", late, addresses[0].shown()) as stage:
            stream, address = await connect_tcp(addresses)
            stage.detail = self.info.peer = address.shown()
            self._address = address
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
                assert self._address is not None
                names = await certificate_names(self._address, options, peer.server_name)
                raise explain_names(names, peer) from None
            except OSError as error:
                raise explain_tls(error, peer) from None
            except (ValueError, TypeError) as error:
                raise failure("tls.name_bad", name=peer.server_name, reason=error) from None
            describe(self.info, transport)
            self.info.tls_verified = is_verified(options)
            stage.detail = f"{self.info.tls_version}, {self.info.tls_cipher}"
