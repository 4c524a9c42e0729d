"""TLS contexts from a profile, and the handshake on a connected socket."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import socket
import ssl
from pathlib import Path

from mqttx_tui.model.errors import LinkError
from mqttx_tui.model.profile import TlsOptions
from mqttx_tui.transport.base import LinkInfo
from mqttx_tui.transport.chain import chain_of
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.names import Address

_FINGERPRINT = re.compile(r"(?:sha-?256:)?([0-9a-f]{64})")


def make_context(options: TlsOptions) -> ssl.SSLContext:
    """A client context as the profile asks.

    Without ``ca`` the system's authorities are trusted. A ``fingerprint`` alone replaces them: the
    pinned certificate may be self-signed and for any name. Raises ``LinkError`` (stage ``tls``, no
    retry) that names file and profile key. Reads files: call it in a thread.
    """
    pinned_fingerprint(options)
    ca = _readable(options.ca, "tls.ca") if options.ca else None
    try:
        context = ssl.create_default_context(
            cafile=ca if ca and not os.path.isdir(ca) else None,
            capath=ca if ca and os.path.isdir(ca) else None,
        )
    except ssl.SSLError:
        raise failure("tls.file_bad", key="tls.ca", path=options.ca, what="a certificate") from None
    # Python 3.13 turns this on; many authorities made by hand lack the extensions that it asks for.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not options.verify or (options.fingerprint and not options.ca):
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if options.fingerprint:
        context.check_hostname = False
    _load_client_certificate(context, options)
    if options.alpn:
        context.set_alpn_protocols(list(options.alpn))
    return context


def is_verified(options: TlsOptions) -> bool:
    """Whether the peer is known for sure: by an authority or by a fingerprint."""
    return options.verify or bool(options.fingerprint)


def pinned_fingerprint(options: TlsOptions) -> str:
    """The pinned SHA-256 as 64 lower-case digits, empty when none. Raises ``LinkError``."""
    if not options.fingerprint:
        return ""
    digits = options.fingerprint.strip().lower().removeprefix("sha256:").replace(":", "")
    match = _FINGERPRINT.fullmatch(digits)
    if match is None:
        raise failure("tls.fingerprint_bad", value=options.fingerprint)
    return match[1]


def check_fingerprint(options: TlsOptions, certificate: bytes) -> None:
    """Compare the peer's certificate (DER) with the pinned one. Raises ``LinkError``."""
    pinned = pinned_fingerprint(options)
    seen = hashlib.sha256(certificate).hexdigest()
    if pinned and pinned != seen:
        raise failure("tls.fingerprint", seen=seen)


def describe(info: LinkInfo, transport: asyncio.BaseTransport) -> None:
    """Fill in what the handshake agreed on."""
    connection = transport.get_extra_info("ssl_object")
    info.tls_version = connection.version() or ""
    cipher = connection.cipher()
    info.tls_cipher = cipher[0] if cipher else ""
    info.alpn = connection.selected_alpn_protocol() or ""
    info.certificates = chain_of(connection)


async def certificate_names(address: Address, options: TlsOptions, server_name: str) -> list[str]:
    """The names in the certificate of a server whose name did not match, in its order.

    A second connection, because a failed handshake does not show its certificate: verified except
    for the name, and closed at once. Empty when that fails too.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(0.7):
            context = await asyncio.to_thread(make_context, options)
            context.check_hostname = False
            transport, _ = await loop.create_connection(
                asyncio.Protocol, address.host, address.port, ssl=context, server_hostname=server_name
            )
    except (OSError, TimeoutError, LinkError):
        return []
    certificate = transport.get_extra_info("peercert") or {}
    transport.abort()
    names = [value for kind, value in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address")]
    if not names:
        subject = (pair for part in certificate.get("subject", ()) for pair in part)
        names = [value for kind, value in subject if kind == "commonName"]
    return names


def _load_client_certificate(context: ssl.SSLContext, options: TlsOptions) -> None:
    if not options.cert:
        if options.key:
            raise failure("tls.key_without_cert")
        return
    cert = _readable(options.cert, "tls.cert")
    key = _readable(options.key, "tls.key") if options.key else None
    place = ("tls.key", options.key) if options.key else ("tls.cert", options.cert)
    password = options.key_password if isinstance(options.key_password, str) else ""
    asked = False

    def answer() -> str:
        # OpenSSL prompts on the terminal when it is given no callback.
        nonlocal asked
        asked = True
        return password

    try:
        context.load_cert_chain(cert, key, answer)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise failure("tls.key_mismatch", key_path=place[1], cert_path=options.cert) from None
        if asked:
            name = "tls.passphrase_wrong" if password else "tls.passphrase_missing"
            raise failure(name, key=place[0], path=place[1]) from None
        if b"-----BEGIN CERTIFICATE" not in Path(cert).read_bytes():
            raise failure("tls.file_bad", key="tls.cert", path=options.cert, what="a certificate") from None
        raise failure("tls.file_bad", key=place[0], path=place[1], what="a private key") from None


def _readable(path: str, key: str) -> str:
    """``path`` with ``~`` filled in, once it is known to be readable."""
    full = os.path.expanduser(path)
    try:
        if not os.path.isdir(full):
            with open(full, "rb"):
                pass
        elif key != "tls.ca":
            raise IsADirectoryError("it is a directory")
    except FileNotFoundError:
        raise failure("tls.file_missing", key=key, path=path) from None
    except OSError as error:
        raise failure("tls.file_unreadable", key=key, path=path, reason=error.strerror or error) from None
    return full


async def secure(
    link: asyncio.Protocol, stream: socket.socket, options: TlsOptions, server_name: str, seconds: float
) -> asyncio.BaseTransport:
    """Make the TLS handshake on a connected socket, with ``link`` as the protocol above it.

    Raises ``LinkError`` for what is wrong with the profile, ``ValueError`` or ``TypeError`` for a
    server name that is none, ``OSError`` (``ssl.SSLError`` among them) for what the peer did.
    """
    try:
        context = await asyncio.to_thread(make_context, options)
    except BaseException:
        stream.close()
        raise
    try:
        transport, _ = await asyncio.get_running_loop().create_connection(
            lambda: link,
            sock=stream,
            ssl=context,
            server_hostname=server_name,
            # The stage has its own, shorter limit with a better explanation.
            ssl_handshake_timeout=seconds + 5,
            ssl_shutdown_timeout=1.0,
        )
    except (ValueError, TypeError):  # raised before asyncio took the socket over
        stream.close()
        raise
    try:
        check_fingerprint(options, transport.get_extra_info("ssl_object").getpeercert(True) or b"")
    except LinkError:
        transport.abort()
        raise
    return transport
