"""A message as a line for a POSIX shell that publishes or receives it. No widgets.

What stands in these lines came over the network and will be pasted into a shell: everything is quoted,
and bytes that a terminal would act on (control characters, a Tab that completes) are written in octal.
Passwords are never written out: the line names a variable.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.message import BINARY_FRAME, Message
from mqttx_tui.model.profile import Profile, SecretRef, TlsOptions
from mqttx_tui.model.visible import visible

LONGEST = 30_000
"""Bytes of a payload in a line; Linux takes 128 KiB an argument, and octal takes four for one."""
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message came from: its endpoint (without user info), protocol, MQTT version, and profile."""

    endpoint: Endpoint
    protocol: str = "mqtt"
    version: str = ""
    profile: Profile | None = None

    @property
    def _url(self) -> Endpoint | None:
        url = self.profile.url if self.profile is not None else ""
        try:
            return parse_url(url) if isinstance(url, str) and url else None
        except InputError:
            return None

    @property
    def tls(self) -> TlsOptions:
        """How TLS is verified."""
        return self.profile.tls if self.profile is not None else TlsOptions()

    @property
    def user(self) -> str:
        """The user's name where the profile writes it plainly."""
        name = self.profile.username if self.profile is not None else ""
        if not name and self._url is not None:
            name = self._url.username or ""
        return name if isinstance(name, str) and "${" not in name else ""

    @property
    def password(self) -> str:
        """``"$VARIABLE"`` where there is a password."""
        found = self.profile.password if self.profile is not None else None
        if isinstance(found, SecretRef) and found.kind == "env" and _VARIABLE.fullmatch(found.argument):
            return f'"${found.argument}"'
        in_url = self._url is not None and self._url.password is not None
        return '"$MQTT_PASSWORD"' if found is not None or in_url else ""


Line = Callable[[Message, Target], str]


def is_plain(text: str) -> bool:
    """Whether a terminal takes ``text`` as it is when it is pasted."""
    lines = text.split("\n")
    return all(visible(line) == line for line in lines)


def quoted(text: str, what: str = "topic") -> str:
    """One word of a shell. Raises ``InputError`` where a terminal would act on it."""
    if not is_plain(text) or "\n" in text:
        raise InputError(f"the {what} holds control characters", title="No line for a shell")
    return shlex.quote(text)


def octal(data: bytes) -> str:
    """``printf '\\001\\003'``: these bytes on stdout, in any POSIX shell."""
    letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    return "printf '" + "".join(chr(byte) if byte in letters else f"\\{byte:03o}" for byte in data) + "'"


def plain_text(message: Message) -> str | None:
    """The payload where it may stand in a line as it is; None where it goes through ``printf``.

    Raises ``InputError`` for a payload that is too long for a line.
    """
    if message.payload_size > LONGEST:
        raise InputError(
            f"{message.payload_size:,} bytes are too long for a line",
            title="Not copied",
            hint="f copies the payload to a file",
        )
    try:
        text = message.payload.decode()
    except UnicodeDecodeError:
        return None
    return text if is_plain(text) else None


def mosquitto_pub(message: Message, target: Target) -> str:
    """Publish it again. Raises ``InputError`` for WebSocket."""
    words = ["mosquitto_pub", *_mosquitto(target, message), "-t", quoted(message.topic)]
    words += ["-q", str(message.qos)] + ["-r"] * message.retained
    text = plain_text(message)
    if not message.payload_size:
        return " ".join([*words, "-n"])
    if text is None:
        return " ".join([octal(message.payload), "|", *words, "-s"])
    return " ".join([*words, "-m", shlex.quote(text)])


def mosquitto_sub(message: Message, target: Target) -> str:
    """Subscribe to its topic. Raises ``InputError`` for WebSocket."""
    words = ["mosquitto_sub", *_mosquitto(target, message), "-t", quoted(message.topic)]
    return " ".join([*words, "-q", str(message.qos), "-v"])


def _mosquitto(target: Target, message: Message) -> list[str]:
    endpoint, tls = target.endpoint, target.tls
    if endpoint.transport in ("ws", "wss"):
        raise InputError(
            "mosquitto_pub and mosquitto_sub speak no WebSocket here",
            title="Not copied",
            hint="x or u copy a line that does",
        )
    if endpoint.transport == "unix":
        words = ["--unix", quoted(endpoint.path, "path")]
    else:
        words = ["-h", quoted(endpoint.host, "host"), "-p", str(endpoint.port)]
    if target.version == "5" or message.properties:
        words += ["-V", "mqttv5"]
    elif target.version == "3.1":
        words += ["-V", "mqttv31"]
    words += _login(target)
    if endpoint.transport == "tls":
        words += ["--cafile", quoted(tls.ca, "path")] if tls.ca else ["--tls-use-os-certs"]
        words += _certificate(tls)
        words += [word for name in tls.alpn[:1] for word in ("--tls-alpn", quoted(name, "protocol"))]
    return words


def _login(target: Target) -> list[str]:
    words = ["-u", quoted(target.user, "user name")] if target.user else []
    return words + (["-P", target.password] if target.password else [])


def _certificate(tls: TlsOptions) -> list[str]:
    words = ["--cert", quoted(tls.cert, "path")] if tls.cert else []
    words += ["--key", quoted(tls.key, "path")] if tls.key else []
    return words if tls.verify else [*words, "--insecure"]


def mqttx(message: Message, target: Target) -> str:
    """Publish it with the MQTTX command line; bytes as hex. Raises ``InputError`` for unix sockets."""
    endpoint, tls = target.endpoint, target.tls
    if endpoint.transport == "unix":
        raise InputError("mqttx knows no unix sockets", title="Not copied")
    scheme = {"tcp": "mqtt", "tls": "mqtts"}.get(endpoint.transport, endpoint.transport)
    words = ["mqttx", "pub", "-l", scheme, "-h", quoted(endpoint.host, "host"), "-p", str(endpoint.port)]
    if endpoint.transport in ("ws", "wss"):
        words += ["--path", quoted(endpoint.path, "path")]
    if target.version in ("3.1", "3.1.1"):
        words += ["-V", target.version]
    words += _login(target)
    if endpoint.secure:
        words += (["--ca", quoted(tls.ca, "path")] if tls.ca else []) + _certificate(tls)
    words += ["-t", quoted(message.topic), "-q", str(message.qos)] + ["-r"] * message.retained
    text = plain_text(message)
    if text is None:
        return " ".join([*words, "--format", "hex", "-m", message.payload.hex()])
    return " ".join([*words, "-m", shlex.quote(text)])


def mqttx_tui(message: Message, target: Target) -> str:
    """Publish it with ``mqttx-tui pub``: to the profile where there is one, else to the URL."""
    profile, endpoint = target.profile, target.endpoint
    url = endpoint.shown()
    named = profile is not None and profile.line > 0
    words = ["mqttx-tui", "pub", quoted(profile.key if profile is not None and named else url, "URL")]
    if profile is not None and not named:
        words += ["-u", quoted(target.user, "user name")] if target.user else []
        if target.password:
            words += ["--password-env", target.password.strip('"$')]
        words += ["--cafile", quoted(profile.tls.ca, "path")] if profile.tls.ca else []
        words += _certificate(profile.tls)
    if target.protocol != "websocket":
        words += [f"--topic={quoted(message.topic)}", "-q", str(message.qos)] + ["-r"] * message.retained
    text = plain_text(message)
    if not message.payload_size:
        return " ".join([*words, "-n"])
    if text is None or message.flags & BINARY_FRAME:
        return " ".join([*words, "--hex", message.payload.hex()])
    return " ".join([*words, f"--message={shlex.quote(text)}"])


def websocat(message: Message, target: Target) -> str:
    """Send it as one frame; the URL's query and headers that hold secrets are the person's to fill in."""
    words = ["websocat", "-n"]
    text = plain_text(message)
    if message.flags & BINARY_FRAME:
        words.append("-b")
    elif text is None or "\n" in text:
        words += ["-t", "--no-line"]
    if target.profile is not None and target.profile.subprotocols:
        words += ["--protocol", quoted(", ".join(target.profile.subprotocols), "subprotocol")]
    words.append(quoted(target.endpoint.shown(), "URL"))
    one_line = text is not None and "\n" not in text and not message.flags & BINARY_FRAME
    said = f"printf '%s\\n' {shlex.quote(text)}" if one_line and text is not None else octal(message.payload)
    return " ".join([said, "|", *words])
