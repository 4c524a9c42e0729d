"""Waiting for the answer to a WebSocket upgrade."""

from __future__ import annotations

import asyncio

from mqttx_tui.model.errors import LinkError
from mqttx_tui.transport.base import LinkInfo, Tap
from mqttx_tui.transport.redirects import Redirected, is_redirect
from mqttx_tui.transport.upgrade import (
    HEAD_LIMIT,
    UpgradeRequest,
    explain_handshake,
    explain_no_http,
    explain_silence,
    explain_status,
    explain_subprotocol,
    parse_head,
)

_HTTP = b"HTTP/1."
STRANGE = 1024
"""Bytes that are told of an answer that is no HTTP."""


class Upgrade:
    """Collects the response head; ``answered`` resolves with the bytes that follow a good 101.

    The head is taken apart here first: ``ClientProtocol`` wants the whole body of a refusal, and a
    page can be endless.
    """

    def __init__(self, request: UpgradeRequest, info: LinkInfo, tap: Tap) -> None:
        self.answered: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._request = request
        self._info = info
        self._tap = tap
        self._received = b""
        info.request = f"GET {request.http.path} HTTP/1.1"
        info.request_headers = tuple(request.http.headers.raw_items())
        info.offered = request.offered

    def feed(self, data: bytes) -> None:
        """Take bytes from the network."""
        self._received += data
        received, endpoint = self._received, self._request.endpoint
        if not received.startswith(_HTTP[: len(received)]):
            self._no_http()
            return
        end = received.find(b"\r\n\r\n") + 4
        if end < 4:
            if len(received) > HEAD_LIMIT:
                self._no_http()
            return
        head = parse_head(received)
        if head is None:
            self._no_http()
            return
        self._info.http_status = head.status
        self._tap.http(received[:end], out=False, status=head.status)
        if is_redirect(head):
            self._refuse(Redirected(head))
            return
        if head.status != 101:
            self._refuse(explain_status(head, endpoint, mqtt=self._request.mqtt))
            return
        self._accept(received[:end], received[end:])

    def _no_http(self) -> None:
        self._tap.http(self._received[:STRANGE], out=False)
        self._refuse(explain_no_http(self._received, self._request.endpoint))

    def lost(self, error: LinkError | None) -> None:
        """The connection ended before the answer; ``error`` when TLS or the network said why."""
        if self.answered.done():
            return
        if error is None or error.stage == "link":
            error = explain_silence(self._request.endpoint)
        self._refuse(error)

    def _accept(self, head: bytes, rest: bytes) -> None:
        protocol = self._request.protocol
        protocol.receive_data(head)
        for event in protocol.events_received():
            headers = getattr(event, "headers", None)
            if headers is not None:
                self._info.response_headers = tuple(headers.raw_items())
        if protocol.handshake_exc is not None:
            self._refuse(explain_handshake(protocol.handshake_exc, self._request))
            return
        self._info.subprotocol = protocol.subprotocol or ""
        self._info.extensions = tuple(extension.name for extension in protocol.extensions)
        if self._request.mqtt and not protocol.subprotocol:
            self._refuse(explain_subprotocol(self._request, ""))
            return
        protocol.head_taken()
        self.answered.set_result(rest)

    def _refuse(self, error: LinkError | Redirected) -> None:
        if not self.answered.done():
            self.answered.set_exception(error)
