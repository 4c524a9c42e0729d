"""The certificate of ``tls.cert``, looked at as a server would: ``ssl`` shows only those of a peer."""

from __future__ import annotations

import os
import ssl
from contextlib import suppress

from mqttx_tui.doctor.certificates import validity_hints
from mqttx_tui.model.profile import TlsOptions
from mqttx_tui.transport.chain import Certificate, chain_of


def client_hints(options: TlsOptions) -> list[str]:
    """Why a server may refuse ``tls.cert``: its time, who issued it, and where that has to stand."""
    mine = own_certificate(options)
    if mine is None:
        return []
    hints = [f"tls.cert: {hint}" for hint in validity_hints((mine,))]
    issued = f"tls.cert is {mine.subject or '(no subject)'}, issued by {mine.issuer}"
    return [*hints, f"{issued}: the server has to trust that authority (cafile in mosquitto)"]


def own_certificate(options: TlsOptions) -> Certificate | None:
    """The certificate that we show, by a handshake with ourselves in memory; None where it cannot be had."""
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    password = options.key_password if isinstance(options.key_password, str) else ""
    key = os.path.expanduser(options.key) if options.key else None
    try:
        # A password of "" in place of none: OpenSSL would ask the terminal.
        server.load_cert_chain(os.path.expanduser(options.cert), key, lambda: password)
    except (OSError, ssl.SSLError):
        return None
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours, theirs = client.wrap_bio(back, there), server.wrap_bio(there, back, server_side=True)
    try:
        for side in (ours, theirs) * _TURNS:
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    except ssl.SSLError:
        return None
    chain = chain_of(ours)
    return chain[0] if chain else None


_TURNS = 3
"""Rounds of a handshake: TLS 1.3 needs one and a half."""
