"""Connected sockets: TCP over all addresses of a host, and unix."""

from __future__ import annotations

import asyncio
import errno
import os
import socket

from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.names import Address

HEAD_START = 0.25
"""Seconds that one address gets before the next is tried beside it (RFC 8305 §5)."""

_UNREACHABLE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN, errno.EHOSTDOWN, errno.EADDRNOTAVAIL}


async def connect_tcp(addresses: list[Address]) -> tuple[socket.socket, Address]:
    """The first of ``addresses`` that answers, tried in order with a head start each.

    Raises ``LinkError`` at stage ``tcp`` when none does: the one that says most.
    """
    waiting = list(addresses)
    running: dict[asyncio.Task[socket.socket], Address] = {}
    errors: list[LinkError] = []
    try:
        while waiting or running:
            if waiting:
                address = waiting.pop(0)
                running[asyncio.create_task(_connect(address))] = address
            done, _ = await asyncio.wait(
                running, timeout=HEAD_START if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                address = running.pop(task)
                error = task.exception()
                if error is None:
                    return task.result(), address
                if not isinstance(error, LinkError):
                    raise error
                errors.append(error)
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_late)
    raise next((error for error in errors if error.title == "Connection refused"), errors[0])


def _close_late(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


async def _connect(address: Address) -> socket.socket:
    stream = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        stream.setblocking(False)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # asyncio does so only for sockets that name their protocol: PUBREL after a PUBLISH would wait
        # for the delayed acknowledgement of the peer, 40 ms.
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(stream, address.sockaddr)
    except OSError as error:
        stream.close()
        raise _explain(error, address) from None
    except BaseException:
        stream.close()
        raise
    return stream


def _explain(error: OSError, address: Address) -> LinkError:
    shown, port, reason = address.shown(), address.port, error.strerror or error
    if isinstance(error, ConnectionRefusedError):
        return failure("tcp.refused", address=shown, port=port)
    if isinstance(error, TimeoutError):
        return failure("tcp.unreachable", address=shown, reason="timed out")
    if error.errno in _UNREACHABLE:
        return failure("tcp.unreachable", address=shown, reason=reason)
    return failure("tcp.failed", address=shown, reason=reason)


async def connect_unix(path: str) -> socket.socket:
    """A unix stream socket connected to ``path``. Raises ``LinkError`` at stage ``tcp``."""
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.setblocking(False)
        await asyncio.get_running_loop().sock_connect(stream, os.path.expanduser(path))
    except FileNotFoundError:
        stream.close()
        raise failure("tcp.unix_missing", path=path) from None
    except PermissionError:
        stream.close()
        raise failure("tcp.unix_denied", path=path) from None
    except ConnectionRefusedError:
        stream.close()
        raise failure("tcp.unix_refused", path=path) from None
    except OSError as error:
        stream.close()
        raise failure("tcp.unix_failed", path=path, reason=error.strerror or error) from None
    except BaseException:
        stream.close()
        raise
    return stream
