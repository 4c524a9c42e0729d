"""Through a proxy: what is said on a connected socket before the peer itself can be spoken to.

Nothing is read beyond the proxy's answer: the peer's first bytes may follow at once.
"""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import socket

from mqttx_tui import __version__
from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.proxy import Proxy
from mqttx_tui.transport.base import Tap
from mqttx_tui.transport.failures import failure

HEAD_LIMIT = 65_536
"""Longest HTTP answer in bytes that is waited for."""

_REPLIES = {
    1: "general failure",
    2: "not allowed by its rules",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "command not supported",
    8: "address type not supported",
}
"""Reply codes of SOCKS 5 (RFC 1928 §6)."""


async def pass_through(stream: socket.socket, proxy: Proxy, host: str, port: int, tap: Tap) -> str:
    """Ask the proxy at the other end of ``stream`` for a tunnel to ``host``:``port``; ``tap`` is told of the
    HTTP that this takes.

    Returns what it answered, in a few words. Raises ``LinkError`` at stage ``proxy``.
    """
    try:
        if proxy.scheme == "http":
            return await _connect(stream, proxy, host, port, tap)
        return await _socks(stream, proxy, host, port)
    except (ConnectionError, asyncio.IncompleteReadError):
        raise failure("proxy.closed", proxy=proxy.shown(), target=_authority(host, port)) from None


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def _read(stream: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        part = await asyncio.get_running_loop().sock_recv(stream, count - len(data))
        if not part:
            raise asyncio.IncompleteReadError(data, count)
        data += part
    return data


# HTTP CONNECT


async def _connect(stream: socket.socket, proxy: Proxy, host: str, port: int, tap: Tap) -> str:
    authority = _authority(_ascii(host), port)
    lines = [f"CONNECT {authority} HTTP/1.1", f"Host: {authority}", f"User-Agent: mqttx-tui/{__version__}"]
    if proxy.username is not None:
        credentials = base64.b64encode(f"{proxy.username}:{proxy.password or ''}".encode()).decode()
        lines.append(f"Proxy-Authorization: Basic {credentials}")
    request = "\r\n".join([*lines, "", ""]).encode()
    await asyncio.get_running_loop().sock_sendall(stream, request)
    tap.http(request, out=True)
    head = bytearray()
    while not head.endswith(b"\r\n\r\n"):
        # One byte at a time: what follows the head belongs to the peer.
        head += await _read(stream, 1)
        if not head.startswith(b"HTTP/1."[: len(head)]) or len(head) > HEAD_LIMIT:
            tap.http(bytes(head), out=False)
            raise _no_proxy(proxy, bytes(head))
    first, *rest = head.decode("latin-1").split("\r\n")
    status, _, phrase = first.partition(" ")[2].partition(" ")
    known = status.isascii() and status.isdecimal() and len(status) == 3
    tap.http(bytes(head), out=False, status=int(status) if known else None)
    if not known:
        raise _no_proxy(proxy, bytes(head))
    if not status.startswith("2"):
        raise _explain_status(proxy, authority, int(status), phrase, rest)
    return status


def _explain_status(proxy: Proxy, target: str, status: int, phrase: str, lines: list[str]) -> LinkError:
    if status == 407:
        scheme = next((line for line in lines if line.lower().startswith("proxy-authenticate:")), "")
        return failure(
            "proxy.login" if proxy.username is None else "proxy.refused_login",
            proxy=proxy.shown(),
            reason=scheme.partition(":")[2].strip() or "HTTP 407",
            scheme=proxy.scheme,
            code=status,
        )
    name = "proxy.5xx" if status >= 500 else "proxy.status"
    return failure(name, proxy=proxy.shown(), target=target, status=status, phrase=phrase, code=status)


def _no_proxy(proxy: Proxy, data: bytes) -> LinkError:
    kind = "HTTP" if proxy.scheme == "http" else "SOCKS 5"
    return failure("proxy.other", proxy=proxy.shown(), kind=kind, start=data[:8].hex(" "))


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode()
    except UnicodeError:
        raise failure("name.unknown", host=host, reason="no host name looks like this") from None


# SOCKS 5


async def _socks(stream: socket.socket, proxy: Proxy, host: str, port: int) -> str:
    loop = asyncio.get_running_loop()
    offered = b"\x00" if proxy.username is None else b"\x00\x02"
    await loop.sock_sendall(stream, bytes([5, len(offered)]) + offered)
    version, method = await _read(stream, 2)
    if version != 5 or method not in (*offered, 0xFF):
        raise _no_proxy(proxy, bytes([version, method]))
    if method == 0xFF:
        raise failure(
            "proxy.login", proxy=proxy.shown(), reason="no offered way to log in", scheme=proxy.scheme
        )
    if method == 2:
        await _log_in(stream, proxy)
    await loop.sock_sendall(stream, b"\x05\x01\x00" + _address(host) + port.to_bytes(2, "big"))
    version, reply, _, kind = await _read(stream, 4)
    if version != 5:
        raise _no_proxy(proxy, bytes([version, reply]))
    if reply != 0:
        words = _REPLIES.get(reply, f"reply {reply}")
        target = _authority(host, port)
        name = "proxy.forbidden" if reply == 2 else "proxy.unreachable"
        raise failure(name, proxy=proxy.shown(), target=target, reason=words, code=reply)
    length = {1: 4, 4: 16}.get(kind) or (await _read(stream, 1))[0]
    await _read(stream, length + 2)
    return "granted"


async def _log_in(stream: socket.socket, proxy: Proxy) -> None:
    """User name and password (RFC 1929)."""
    user, password = (proxy.username or "").encode(), (proxy.password or "").encode()
    said = bytes([1, len(user)]) + user + bytes([len(password)]) + password
    await asyncio.get_running_loop().sock_sendall(stream, said)
    if (await _read(stream, 2))[1] != 0:
        raise failure(
            "proxy.refused_login", proxy=proxy.shown(), reason="user name and password", scheme=proxy.scheme
        )


def _address(host: str) -> bytes:
    """A SOCKS 5 address (RFC 1928 §5)."""
    try:
        number = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        name = _ascii(host).encode()
        if len(name) > 255:
            raise failure("name.unknown", host=host, reason="longer than 255 bytes") from None
        return bytes([3, len(name)]) + name
    return bytes([1 if number.version == 4 else 4]) + number.packed
