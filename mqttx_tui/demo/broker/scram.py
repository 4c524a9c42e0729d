"""SCRAM, the broker's side (RFC 5802, RFC 7677): knows passwords and never sees one."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from mqttx_tui.model.errors import InputError
from mqttx_tui.wire.scram import (
    LEAST_ITERATIONS,
    digest,
    exclusive_or,
    hash_name,
    prepared,
    salted_password,
)

_CLIENT_FIRST = re.compile(r"n,,(n=((?:[^=,]|=2C|=3D)*),r=([\x21-\x2b\x2d-\x7e]+))(?:,.*)?", re.DOTALL)
_CLIENT_FINAL = re.compile(r"(c=biws,r=([\x21-\x2b\x2d-\x7e]+)),p=([A-Za-z0-9+/]+=*)", re.DOTALL)


class RefusedError(Exception):
    """The client did not prove that it knows the password, or said something else."""


@dataclass(frozen=True, slots=True)
class _Stored:
    salt: bytes
    stored_key: bytes
    server_key: bytes


class ScramServer:
    """One exchange with one client: ``challenge``, then ``answer``. ``users``: names to passwords."""

    def __init__(self, method: str, users: Mapping[str, str]) -> None:
        self.method = method
        self.username = ""
        self._hash = hash_name(method)
        self._users = users
        self._nonce = ""
        self._said = ""
        self._stored: _Stored | None = None

    def challenge(self, first: bytes) -> bytes:
        """server-first-message. Raises ``RefusedError``; an unknown name is challenged like a known one."""
        found = _CLIENT_FIRST.fullmatch(_text(first))
        if found is None:
            raise RefusedError
        self.username = found[2].replace("=2C", ",").replace("=3D", "=")
        self._nonce = found[3] + secrets.token_urlsafe(18)
        password = self._users.get(self.username)
        salt = secrets.token_bytes(16)
        if password is not None:
            self._stored = self._keys(password, salt)
        answer = f"r={self._nonce},s={base64.b64encode(salt).decode()},i={LEAST_ITERATIONS}"
        self._said = f"{found[1]},{answer}"
        return answer.encode()

    def _keys(self, password: str, salt: bytes) -> _Stored:
        try:
            known = prepared(password, "password").encode()
        except InputError:
            raise RefusedError from None
        salted = salted_password(self._hash, known, salt, LEAST_ITERATIONS)
        stored = hashlib.new(self._hash, digest(self._hash, salted, b"Client Key")).digest()
        return _Stored(salt, stored, digest(self._hash, salted, b"Server Key"))

    def answer(self, final: bytes) -> bytes:
        """server-final-message for a client that proved itself. Raises ``RefusedError``."""
        found = _CLIENT_FINAL.fullmatch(_text(final))
        stored = self._stored
        if found is None or stored is None or found[2] != self._nonce:
            raise RefusedError
        said = f"{self._said},{found[1]}".encode()
        signature = digest(self._hash, stored.stored_key, said)
        try:
            client_key = exclusive_or(base64.b64decode(found[3], validate=True), signature)
        except (binascii.Error, ValueError):
            raise RefusedError from None
        if not hmac.compare_digest(hashlib.new(self._hash, client_key).digest(), stored.stored_key):
            raise RefusedError
        return b"v=" + base64.b64encode(digest(self._hash, stored.server_key, said))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise RefusedError from None
