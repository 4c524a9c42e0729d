"""SCRAM without I/O, the client's side, and what both sides work out (RFC 5802, RFC 7677).

The data are those of MQTT 5's AUTH (MQTT 5.0 §4.12): client-first in CONNECT, server-first and
client-final in AUTH, server-final in CONNACK (or in one more AUTH).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
import stringprep
import unicodedata

from mqttx_tui.model.errors import Exit, InputError, LinkError

LEAST_ITERATIONS = 4096
"""What RFC 7677 §4 asks for at least: fewer make the password easy to guess from what was heard."""

MOST_ITERATIONS = 2_000_000
"""More only keep this machine busy: some seconds of work."""

NO_BINDING = "n,,"
"""No channel binding: MQTT names no kind of it (RFC 5802 §6)."""

_SERVER_FIRST = re.compile(
    r"r=([\x21-\x2b\x2d-\x7e]+),s=([A-Za-z0-9+/]+=*),i=([1-9][0-9]{0,9})(?:,.*)?", re.S
)
_FORBIDDEN = (
    stringprep.in_table_c12,
    stringprep.in_table_c21_c22,
    stringprep.in_table_c3,
    stringprep.in_table_c4,
    stringprep.in_table_c5,
    stringprep.in_table_c6,
    stringprep.in_table_c7,
    stringprep.in_table_c8,
    stringprep.in_table_c9,
)


class ScramClient:
    """One exchange: ``first``, then ``final`` for the server's challenge, then ``verify``."""

    def __init__(self, method: str, username: str, password: str, *, nonce: str = "") -> None:
        """Raises ``InputError`` for names and passwords that SASLprep does not allow."""
        self.method = method
        self.verified = False
        self._hash = hash_name(method)
        self._password = prepared(password, "password").encode()
        self._nonce = nonce or secrets.token_urlsafe(24)
        name = prepared(username, "username").replace("=", "=3D").replace(",", "=2C")
        self._bare = f"n={name},r={self._nonce}"
        self._signature: bytes | None = None

    @property
    def challenged(self) -> bool:
        """Whether ``final`` was worked out."""
        return self._signature is not None

    def first(self) -> bytes:
        """client-first-message (RFC 5802 §7)."""
        return (NO_BINDING + self._bare).encode()

    def final(self, challenge: bytes) -> bytes:
        """client-final-message for the server-first-message; takes as long as its iterations ask for.

        Raises ``LinkError`` for a challenge that is none, or is not an answer to ``first``.
        """
        text = _text(challenge)
        found = _SERVER_FIRST.fullmatch(text)
        if found is None:
            raise _bad("its challenge is no server-first-message")
        nonce, count = found[1], int(found[3])
        if not nonce.startswith(self._nonce) or nonce == self._nonce:
            raise _bad("its challenge answers somebody else's nonce")
        if not LEAST_ITERATIONS <= count <= MOST_ITERATIONS:
            raise _bad(
                f"it asks for {count:,} iterations, {LEAST_ITERATIONS:,} to {MOST_ITERATIONS:,} are taken"
            )
        without_proof = f"c={_base64(NO_BINDING.encode())},r={nonce}"
        said = ",".join((self._bare, text, without_proof)).encode()
        salted = salted_password(self._hash, self._password, _bytes(found[2]), count)
        client_key = digest(self._hash, salted, b"Client Key")
        stored = hashlib.new(self._hash, client_key).digest()
        self._signature = digest(self._hash, digest(self._hash, salted, b"Server Key"), said)
        proof = exclusive_or(client_key, digest(self._hash, stored, said))
        return f"{without_proof},p={_base64(proof)}".encode()

    def verify(self, answer: bytes) -> None:
        """Check the server-final-message: the broker knows the password, too.

        Raises ``LinkError`` where it does not, or says so with ``e=``.
        """
        text = _text(answer)
        if text.startswith("e="):
            raise _bad(f"it says {text[2:].partition(',')[0]!r}")
        if self._signature is None or not text.startswith("v="):
            raise _bad("it did not prove that it knows the password")
        if not hmac.compare_digest(_bytes(text[2:].partition(",")[0]), self._signature):
            raise _bad("its signature is wrong: it does not know the password")
        self.verified = True


def hash_name(method: str) -> str:
    """``sha256`` for ``SCRAM-SHA-256``."""
    return method.removeprefix("SCRAM-").replace("-", "").lower()


def salted_password(name: str, password: bytes, salt: bytes, iterations: int) -> bytes:
    """``Hi`` of RFC 5802 §2.2; ``name`` is that of a hash function."""
    return hashlib.pbkdf2_hmac(name, password, salt, iterations)


def digest(name: str, key: bytes, said: bytes) -> bytes:
    """HMAC (RFC 2104)."""
    return hmac.digest(key, said, name)


def exclusive_or(one: bytes, other: bytes) -> bytes:
    """Byte by byte; both have the same length."""
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def prepared(text: str, what: str) -> str:
    """SASLprep (RFC 4013): what both sides work with. Raises ``InputError`` naming ``what``."""
    mapped = "".join(
        " " if stringprep.in_table_c12(character) else character
        for character in text
        if not stringprep.in_table_b1(character)
    )
    result = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if any(forbidden(character) for character in result for forbidden in _FORBIDDEN):
        raise InputError(f"{what}: holds a character that SCRAM does not allow", title="Cannot be sent")
    right_to_left = [stringprep.in_table_d1(character) for character in result]
    if any(right_to_left) and (
        any(map(stringprep.in_table_d2, result)) or not right_to_left[0] or not right_to_left[-1]
    ):
        raise InputError(f"{what}: mixes directions of writing", title="Cannot be sent")
    return result


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _bad("its data are not UTF-8") from None


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise _bad("its data are not base64") from None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bad(why: str) -> LinkError:
    return LinkError(
        f"the broker's part of the authentication is wrong: {why}",
        stage="mqtt",
        title="Authentication failed",
        hint="another broker may answer in its place, or username and password are not its own",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    )
