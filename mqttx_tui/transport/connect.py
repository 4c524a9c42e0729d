"""Opening links: the stages from a resolved profile to an open link."""

from __future__ import annotations

import asyncio
import socket

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile, Resolved
from mqttx_tui.transport.base import Link, LinkHandler, LinkInfo, OnStage
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.names import resolve
from mqttx_tui.transport.sockets import connect_tcp
from mqttx_tui.transport.stages import Stages
from mqttx_tui.transport.stream import StreamLink


async def open_link(resolved: Resolved, handler: LinkHandler, on_stage: OnStage) -> Link:
    """Open the byte link that the profile's URL names: tcp, tls, ws, wss or unix.

    ``handler`` hears nothing before this returns. Raises ``LinkError`` with stage, title and hint;
    every stage is bounded by the profile's ``connect_timeout``. Cancelling drops what was opened.
    """
    profile = resolved.profile
    endpoint = endpoint_of(profile)
    info = LinkInfo(endpoint.transport)
    stages = Stages(info, on_stage, profile.connect_timeout)
    stream = await _connect(endpoint, profile, info, stages)
    link = StreamLink(info, handler)
    await asyncio.get_running_loop().create_connection(lambda: link, sock=stream)
    link.start()
    return link


def endpoint_of(profile: Profile) -> Endpoint:
    """Where a resolved profile leads. Raises ``InputError`` for a URL that is not resolved or bad."""
    if not isinstance(profile.url, str):
        raise InputError(f"{profile.key}: the URL was not fetched", title="Bad URL")
    return parse_url(profile.url)


async def _connect(endpoint: Endpoint, profile: Profile, info: LinkInfo, stages: Stages) -> socket.socket:
    seconds = f"{profile.connect_timeout:g}"
    late = failure("name.timeout", host=endpoint.host, seconds=seconds)
    async with stages.stage("name", late, endpoint.host) as stage:
        addresses = await resolve(endpoint.host, endpoint.port)
        stage.detail = f"{endpoint.host} → {', '.join(address.host for address in addresses)}"
    late = failure("tcp.timeout", address=endpoint.authority, seconds=seconds)
    async with stages.stage("tcp", late, addresses[0].shown()) as stage:
        stream, address = await connect_tcp(addresses)
        stage.detail = info.peer = address.shown()
    return stream
