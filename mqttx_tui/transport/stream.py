"""A byte link over an asyncio transport: TCP, TLS and unix."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import Callable

from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.base import LinkHandler, LinkInfo
from mqttx_tui.transport.failures import failure

Explain = Callable[[Exception], LinkError]
"""Turns what asyncio reports about a broken connection into a failure."""

WRITE_HIGH = 256 * 1024
"""Bytes queued for writing at which the writer is asked to pause."""


class StreamLink(asyncio.Protocol):
    """``base.Link`` as an asyncio protocol.

    Reading starts paused and begins with ``start``, so that the handler hears nothing before it
    holds the link. A plain ``Protocol`` on purpose: asyncio reads up to 256 KiB at once for it, and
    over TLS a ``BufferedProtocol`` loses what exceeds its buffer when the peer closes.
    """

    def __init__(self, info: LinkInfo, handler: LinkHandler, explain: Explain) -> None:
        self.info = info
        self.bytes_in = 0
        self.bytes_out = 0
        self._handler = handler
        self._explain = explain
        self._transport: asyncio.Transport | None = None

    def start(self) -> None:
        """Begin to deliver."""
        self.resume()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Part of ``asyncio.Protocol``."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.set_write_buffer_limits(high=WRITE_HIGH)
        transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        """Part of ``asyncio.Protocol``."""
        self.bytes_in += len(data)
        self._handler.bytes_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Part of ``asyncio.Protocol``."""
        transport, self._transport = self._transport, None
        if exc is not None:
            rest, exc = last_words(transport, exc)
            if rest:
                self.data_received(rest)
        self._handler.lost(self._explain(exc) if exc is not None else None)

    def pause_writing(self) -> None:
        """Part of ``asyncio.Protocol``."""
        self._handler.pause_writing()

    def resume_writing(self) -> None:
        """Part of ``asyncio.Protocol``."""
        self._handler.resume_writing()

    def write(self, data: bytes) -> None:
        """Queue bytes; ignored after the link was lost or closed."""
        if self._transport is None or self._transport.is_closing():
            return
        self.bytes_out += len(data)
        self._transport.write(data)

    def pause(self) -> None:
        """Stop reading from the peer."""
        if self._transport is not None:
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.resume_reading()

    def close(self) -> None:
        """Send what is queued, then close."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Drop the link at once."""
        if self._transport is not None:
            self._transport.abort()


def last_words(transport: asyncio.BaseTransport | None, error: Exception) -> tuple[bytes, Exception]:
    """What had been received and was not read (by TLS: not yet decrypted) when the connection broke, and
    the true error.

    A TLS 1.3 server that refuses the client's certificate sends an alert and closes; when our first
    bytes crossed that, a reset follows at once, and asyncio reports only the reset.
    """
    connection = transport.get_extra_info("ssl_object") if transport is not None else None
    if connection is None and transport is not None:
        return _unread(transport), error
    if connection is None or isinstance(error, ssl.SSLError):
        return b"", error
    data: list[bytes] = []
    try:
        while part := connection.read(65_536):
            data.append(part)
    except (ssl.SSLWantReadError, ssl.SSLZeroReturnError, ValueError):
        pass
    except ssl.SSLError as alert:
        if "ALERT" in str(alert).upper():
            error = alert
    return b"".join(data), error


def _unread(transport: asyncio.BaseTransport) -> bytes:
    """What had arrived when a write failed: asyncio would drop it with the link."""
    inner = transport.get_extra_info("socket")
    if inner is None or inner.fileno() == -1:
        return b""
    data: list[bytes] = []
    # An error is the end, or says that there is no descriptor to copy (Windows).
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(inner.fileno())) as copy:
        while part := copy.recv(65_536):
            data.append(part)
    return b"".join(data)


def explain_loss(exc: Exception, info: LinkInfo) -> LinkError:
    """Why an open link broke, from the exception that asyncio names."""
    if isinstance(exc, ConnectionError):
        return failure("link.reset", peer=info.peer, reason=exc.strerror or type(exc).__name__)
    return failure("link.failed", peer=info.peer, reason=exc)
