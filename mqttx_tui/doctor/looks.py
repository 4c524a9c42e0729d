"""A second look after a failure: what does answer there? Never with user name, password or headers.

Each look opens connections of its own and turns a guess ("a TLS port?") into knowledge.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace

from mqttx_tui.doctor.certificates import (
    authority_hints,
    chain_facts,
    missing_hints,
    validity_hints,
)
from mqttx_tui.doctor.own_certificate import client_hints
from mqttx_tui.doctor.plan import Plan, short_id
from mqttx_tui.doctor.report import Check
from mqttx_tui.doctor.talk import Talk
from mqttx_tui.model.endpoint import Endpoint
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import Profile, Resolved, TlsOptions
from mqttx_tui.transport.base import Frame, LinkInfo
from mqttx_tui.transport.connect import endpoint_of, open_frame_link
from mqttx_tui.transport.names import resolve
from mqttx_tui.transport.sockets import connect_tcp

LOOK_SECONDS = 3.0
"""The longest that one look waits."""
USUAL_PATHS = ("/mqtt", "/", "/ws")
USUAL_PORTS = (1883, 8883)
LOCAL_ONLY = (
    "a mosquitto 2 without a listener line in mosquitto.conf takes connections from its own machine alone: "
    "listener {port} opens it to others"
)


class Looks:
    """Looks at the server of one plan."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._seconds = min(plan.seconds, LOOK_SECONDS)
        self._endpoint = endpoint_of(plan.profile)
        self._raw = plan.profile.protocol == "websocket"

    async def after(self, check: Check) -> Check:
        """``check`` with what a second look found."""
        look = _LOOKS.get(check.kind)
        return check if look is None else await look(self, check)

    # What is there?

    def _bare(self, url: str, tls: TlsOptions) -> Resolved:
        """A profile without anything secret that leads there."""
        given = self._plan.profile
        profile = Profile("look", url, tls=tls, proxy=given.proxy, connect_timeout=self._seconds)
        return Resolved(profile, self._plan.resolved.secrets)

    async def certificates(self, **changes: object) -> LinkInfo | None:
        """What a TLS handshake shows without verification; None when there is none."""
        given = self._plan.profile.tls
        tls = TlsOptions(verify=False, server_name=given.server_name, alpn=given.alpn)
        if changes:
            tls = replace(tls, **changes)  # type: ignore[arg-type]
        talk = Talk(self._bare(f"mqtts://{self._endpoint.authority}", tls), 5, self._seconds)
        try:
            await talk.open()
        except LinkError:
            return None
        info = talk.link.info
        talk.link.abort()
        return info

    async def refusal(self) -> LinkError | None:
        """Why a TLS 1.3 server ends the connection after the handshake (RFC 8446 §4.4.2.4).

        What it says is lost when our own first bytes cross it: this time nothing is sent.
        """
        if not self._endpoint.secure:
            return None
        resolved = self._bare(f"mqtts://{self._endpoint.authority}", self._plan.profile.tls)
        talk = Talk(resolved, 5, self._seconds)
        try:
            await talk.open()
        except LinkError:
            return None
        cause = await talk.hear_out()
        talk.link.abort()
        return cause if cause is not None and cause.stage == "tls" else None

    async def _mqtt(self, scheme: str, path: str = "") -> bool:
        """Whether a broker answers CONNECT there, be it with a refusal."""
        tls = TlsOptions(verify=False, server_name=self._plan.profile.tls.server_name)
        resolved = self._bare(f"{scheme}://{self._endpoint.authority}{path}", tls)
        talk = Talk(resolved, 4, self._seconds)
        try:
            await talk.open()
            await talk.connect(short_id(), keepalive=10)
        except LinkError as error:
            return error.stage == "mqtt" and error.code is not None
        finally:
            await talk.goodbye()
        return True

    async def _path(self) -> str:
        """A path under which a broker answers over WebSocket; empty when none of the usual ones."""
        scheme = "mqtt+wss" if self._endpoint.secure else "mqtt+ws"
        here = self._endpoint.path.partition("?")[0]
        for path in USUAL_PATHS:
            if path != here and await self._mqtt(scheme, path):
                return path
        return ""

    # Looks by kind of failure

    async def elsewhere(self, check: Check) -> Check:
        """The port is refused: does something listen on another address of that machine?

        127.0.0.1 and ::1 are two; and a broker that only its own machine may reach listens on nothing else.
        """
        port = self._endpoint.port
        if self._plan.profile.proxy:
            return check
        found = await self._own_address()
        if found is None:
            return check if port not in USUAL_PORTS else check.advised(LOCAL_ONLY.format(port=port))
        others = [one for one in ("127.0.0.1", "::1") if one != str(found)]
        for other in others:
            if not await answers(other, port, self._seconds):
                continue
            shown = f"[{other}]" if ":" in other else other
            if found.is_loopback:
                return check.known(f"something listens on {shown}:{port}: use localhost, or that address")
            return check.known(
                f"something listens on {shown}:{port}, where only this machine reaches it: a line "
                f"listener {port} in mosquitto.conf opens it to others (and then allow_anonymous or "
                "password_file says who may come in)"
            )
        return check

    async def _own_address(self) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
        """The address that was tried, where it is one of this machine's."""
        try:
            first = (await resolve(self._endpoint.host, self._endpoint.port))[0]
            address = ipaddress.ip_address(first.host)
            with socket.socket(first.family, socket.SOCK_DGRAM) as probe:
                probe.bind((first.host, 0))  # only an address of one's own can be taken
        except (LinkError, ValueError, OSError):
            return None
        return address

    async def chain(self, check: Check) -> Check:
        """Show the certificate that was refused, and why."""
        info = await self.certificates()
        if info is None:
            return check
        chain = info.certificates
        hints = validity_hints(chain)
        if check.kind in ("tls.unknown_ca", "tls.self_signed", "tls.refused"):
            hints += authority_hints(chain, self._plan.profile.tls)
        if check.kind == "tls.client_refused":
            hints += client_hints(self._plan.profile.tls)
        if check.kind == "tls.unknown_ca":
            check = check.known(check.hint, *missing_hints(chain))
        return replace(check, facts=(*check.facts, *chain_facts(chain))).advised(*hints)

    async def plain(self, check: Check) -> Check:
        """No TLS there: does MQTT or a web server answer without?"""
        if self._endpoint.transport == "wss":
            path = self._endpoint.path.partition("?")[0]
            if await self._mqtt("mqtt+ws", path):
                return check.known("a WebSocket without TLS answers there: use ws:// in place of wss://")
        if await self._mqtt("mqtt"):
            return check.known(f"MQTT without TLS answers there: mqtt://{self._endpoint.authority}")
        return check

    async def closed(self, check: Check) -> Check:
        """A plain port closed without a word: does it want TLS, or HTTP, or nobody?"""
        endpoint = self._endpoint
        if endpoint.transport == "unix":
            return check
        if not endpoint.secure and await self.certificates(alpn=()) is not None:
            scheme = "mqtts" if endpoint.transport == "tcp" else "wss" if self._raw else "mqtt+wss"
            return check.known(f"TLS answers there: {_url(endpoint, scheme)}")
        if endpoint.transport in ("ws", "wss"):
            scheme = "mqtts" if endpoint.secure else "mqtt"
            if await self._mqtt(scheme):
                return check.known(f"MQTT without WebSocket answers there: {scheme}://{endpoint.authority}")
            return check
        if path := await self._path():
            scheme = "mqtt+wss" if endpoint.secure else "mqtt+ws"
            return check.known(f"MQTT over WebSocket answers there: {scheme}://{endpoint.authority}{path}")
        return check.known(
            "neither TLS nor WebSocket answers there, so the broker itself closes: it may be full "
            "(max_connections in mosquitto), or refuse this address or this version; its log says which"
        )

    async def web(self, check: Check) -> Check:
        """A web server answered CONNECT: is a broker behind one of its paths?"""
        if path := await self._path():
            scheme = "mqtt+wss" if self._endpoint.secure else "mqtt+ws"
            found = f"MQTT over WebSocket answers there: {scheme}://{self._endpoint.authority}{path}"
            return check.known(found)
        paths = ", ".join(USUAL_PATHS)
        return check.known(
            f"a web server is there, and no broker answers under {paths}: is it the port of another "
            "program? 1883 is the usual MQTT port, 8883 with TLS"
        )

    async def reset(self, check: Check) -> Check:
        """The connection was cut: before CONNACK that is as good as closed."""
        return await self.closed(check) if check.stage == "mqtt" else check

    async def path(self, check: Check) -> Check:
        """The path is wrong: do others lead to a broker?"""
        if self._raw:
            return check
        if path := await self._path():
            return check.known(f"a broker answers under {path}: {_url(self._endpoint, '', path)}")
        return check.advised(f"no broker answers under {', '.join(USUAL_PATHS)} either")

    async def mqtt_behind(self, check: Check) -> Check:
        """A raw WebSocket is refused: is it a broker that insists on its subprotocol?"""
        endpoint = self._endpoint
        scheme = "mqtt+wss" if endpoint.secure else "mqtt+ws"
        path = endpoint.path.partition("?")[0]
        if self._raw and await self._mqtt(scheme, path):
            return check.known(f"a broker answers there to the subprotocol mqtt: {_url(endpoint, scheme)}")
        return check

    async def forbidden(self, check: Check) -> Check:
        """Forbidden: servers that check where a page comes from forbid who names none (RFC 6455 §10.2)."""
        check = await self.mqtt_behind(check)
        given, endpoint = self._plan.profile, self._endpoint
        if not self._raw or given.origin or check.hint.startswith("a broker"):
            return check
        host = endpoint.authority.removesuffix(":443" if endpoint.secure else ":80")
        origin = f"{'https' if endpoint.secure else 'http'}://{host}"
        bare = self._bare(_url(endpoint), given.tls).profile
        profile = replace(bare, protocol="websocket", subprotocols=given.subprotocols, origin=origin)
        try:
            link = await open_frame_link(Resolved(profile), _Nobody(), lambda _: None)
        except LinkError:
            return check
        link.abort()
        return check.known(f'with the origin of a page of its own it lets us in: origin = "{origin}"')

    async def old_tls(self, check: Check) -> Check:
        """Which old version of TLS does the server speak?"""
        name = await self._old_version()
        return (
            check.advised(f"the server speaks {name}, which is not safe any more: update it")
            if name
            else check
        )

    async def _old_version(self) -> str:
        if self._plan.profile.proxy:
            return ""  # what is behind a proxy is not connected to directly
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        host = self._endpoint.host
        try:
            async with asyncio.timeout(self._seconds):
                _, writer = await asyncio.open_connection(
                    host, self._endpoint.port, ssl=context, server_hostname=host
                )
        except (OSError, TimeoutError):
            return ""
        name = writer.get_extra_info("ssl_object").version()
        writer.transport.abort()
        return name or ""

    async def refused(self, check: Check) -> Check:
        """The handshake is refused: does the server show a certificate to anybody?"""
        if self._plan.profile.tls.cert or await self.certificates(alpn=()) is not None:
            return check
        return check.advised(
            "it shows its certificate to nobody: no cipher fits it (ciphers, ciphers_tls1.3 in mosquitto); "
            "or there is none (psk_file without certfile and keyfile: pre-shared keys are not spoken here)"
        )

    async def without_alpn(self, check: Check) -> Check:
        """The server refuses the ALPN: does it take none?"""
        if await self.certificates(alpn=()) is not None:
            return check.advised("without tls.alpn the handshake works")
        return check


class _Nobody:
    """A ``base.FrameHandler`` that takes no notice."""

    def frame_received(self, frame: Frame) -> None:
        """Part of ``base.FrameHandler``."""

    def lost(self, error: LinkError | None) -> None:
        """Part of ``base.FrameHandler``."""

    def pause_writing(self) -> None:
        """Part of ``base.FrameHandler``."""

    def resume_writing(self) -> None:
        """Part of ``base.FrameHandler``."""


def _url(endpoint: Endpoint, scheme: str = "", path: str = "") -> str:
    given = "" if endpoint.transport in ("tcp", "tls") else endpoint.path.partition("?")[0]
    return f"{scheme or endpoint.scheme}://{endpoint.authority}{path or given}"


async def answers(host: str, port: int, seconds: float) -> bool:
    """Whether a TCP port takes connections."""
    try:
        async with asyncio.timeout(seconds):
            stream, _ = await connect_tcp(await resolve(host, port))
    except (LinkError, TimeoutError):
        return False
    stream.close()
    return True


Look = Callable[[Looks, Check], Awaitable[Check]]
_LOOKS: dict[str, Look] = {
    "tcp.refused": Looks.elsewhere,
    "tls.plain_port": Looks.plain,
    "tls.timeout": Looks.plain,
    "tls.unknown_ca": Looks.chain,
    "tls.self_signed": Looks.chain,
    "tls.refused": Looks.chain,
    "tls.expired": Looks.chain,
    "tls.not_yet": Looks.chain,
    "tls.name": Looks.chain,
    "tls.name_unknown": Looks.chain,
    "tls.fingerprint": Looks.chain,
    "tls.client_required": Looks.chain,
    "tls.client_refused": Looks.chain,
    "tls.handshake": Looks.refused,
    "tls.version": Looks.old_tls,
    "tls.failed": Looks.old_tls,
    "tls.alpn": Looks.without_alpn,
    "upgrade.closed": Looks.closed,
    "upgrade.not_http": Looks.closed,
    "upgrade.timeout": Looks.closed,
    "upgrade.no_upgrade": Looks.path,
    "upgrade.400": Looks.mqtt_behind,
    "upgrade.403": Looks.forbidden,
    "upgrade.4xx": Looks.mqtt_behind,
    "upgrade.404": Looks.path,
    "upgrade.subprotocol": Looks.path,
    "mqtt.closed": Looks.closed,
    "mqtt.http_port": Looks.web,
    "link.reset": Looks.reset,
}
"""By kind of failure (``transport.failures.FAILURES``)."""
