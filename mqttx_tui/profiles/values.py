"""Single values of a profile: from what TOML gives to what the program uses.

Every function takes the TOML value and raises ``Bad`` with what is wrong; none of them puts the
value of a secret into a text.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from typing import Any, get_args

from mqttx_tui.model import topics, units
from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import MqttVersion, SecretKind, SecretRef, Value
from mqttx_tui.model.proxy import parse_proxy

Check = Callable[[Any], Any]

COLORS = (
    *("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"),
    *("orange", "purple", "pink", "brown", "gray", "grey", "teal", "lime"),
)
SECRET_KINDS: tuple[str, ...] = get_args(SecretKind)
_VERSIONS: dict[str, MqttVersion] = {
    "auto": "auto",
    "5": "5",
    "5.0": "5",
    "50": "5",
    "3.1.1": "3.1.1",
    "311": "3.1.1",
    "4": "3.1.1",
    "3.1": "3.1",
    "31": "3.1",
    "3": "3.1",
}
_HEX_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})\Z")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")


class Bad(ValueError):
    """A value that does not fit; ``below`` are keys from the value to the culprit in it."""

    def __init__(self, text: str, hint: str = "", below: tuple[str | int, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint
        self.below = below


def kind_of(value: object) -> str:
    """The type of a TOML value in plain words."""
    if isinstance(value, bool):
        return "true or false"
    for kind, name in ((str, "a string"), (int | float, "a number"), (list, "an array"), (dict, "a table")):
        if isinstance(value, kind):
            return name
    return "a date or time"


def need(kind: type, words: str, value: Any, hint: str = "") -> Any:
    """``value`` when it is a ``kind`` (a boolean is no number), else ``Bad``."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise Bad(f"needs {words}, not {kind_of(value)}", hint)
    return value


def text(value: Any) -> str:
    """A string without U+0000 that fits MQTT's 65,535 bytes (MQTT 5.0 §1.5.4)."""
    if isinstance(value, dict) and any(name in value for name in SECRET_KINDS):
        raise Bad(
            "a secret cannot stand here",
            "secrets are possible for url, username, password, bearer, tls.key_password, "
            "properties.authentication_data and the values of headers",
        )
    found: str = need(str, "a string", value)
    if "\0" in found:
        raise Bad("may not hold the character U+0000")
    if len(found.encode("utf-8", "surrogatepass")) > topics.MAX_TOPIC_BYTES:
        raise Bad("is longer than 65,535 bytes")
    return found


def filled_text(value: Any) -> str:
    """A string that is not empty."""
    found = text(value)
    if not found:
        raise Bad("is empty")
    return found


def long_text(value: Any) -> str:
    """A string of any length (payloads)."""
    found: str = need(str, "a string", value)
    return found


def boolean(value: Any) -> bool:
    """``true`` or ``false``."""
    hint = "without quotes" if isinstance(value, str) else ""
    found: bool = need(bool, "true or false", value, hint)
    return found


def integer(low: int, high: int) -> Check:
    """A whole number within a range."""

    def check(value: Any) -> int:
        number: int = need(int, "a whole number", value)
        if not low <= number <= high:
            raise Bad(f"{number} is not between {low:,} and {high:,}")
        return number

    return check


qos = integer(0, 2)


def duration(low: float, high: float, *, whole: bool = False) -> Check:
    """Seconds within a range: a number, or a string with a unit."""

    def check(value: Any) -> float:
        if not isinstance(value, int | float | str) or isinstance(value, bool):
            raise Bad(f"needs a duration, not {kind_of(value)}", 'for example 30 (seconds) or "5m"')
        try:
            number = units.seconds(value)
        except InputError:
            raise Bad("is not a duration", 'for example 30 (seconds), "30s", "5m" or "1h30m"') from None
        if not low <= number <= high:
            raise Bad(f"{number:g} s is not between {low:g} s and {high:g} s")
        if whole and number != int(number):
            raise Bad(f"{number:g} s is not a whole number of seconds")
        return number

    return check


def size(low: int, high: int) -> Check:
    """Bytes within a range: a whole number, or a string with a unit."""

    def check(value: Any) -> int:
        if not isinstance(value, int | str) or isinstance(value, bool):
            raise Bad(f"needs a size, not {kind_of(value)}", 'for example 1000 (bytes) or "5MB"')
        try:
            number = units.size(value)
        except InputError:
            raise Bad("is not a size", 'for example 1000 (bytes), "5MB" or "4KiB"') from None
        if not low <= number <= high:
            raise Bad(f"{number:,} bytes is not between {low:,} and {high:,}")
        return number

    return check


def one_of(*choices: str) -> Check:
    """One of a few words."""

    def check(value: Any) -> str:
        found: str = need(str, "one of " + ", ".join(f'"{choice}"' for choice in choices), value)
        if found not in choices:
            near = " or ".join(f'"{choice}"' for choice in choices)
            raise Bad(f"{found!r} is not known", f"write {near}")
        return found

    return check


def version(value: Any) -> MqttVersion:
    """An MQTT version in any common spelling: 5, "5.0", "mqttv311", "3.1.1", "auto"."""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        spelled = str(value).lower().removeprefix("mqtt").removeprefix("v")
        if spelled in _VERSIONS:
            return _VERSIONS[spelled]
    shown = (
        f"{value!r} is not a version of MQTT" if isinstance(value, str | int | float) else "is not a version"
    )
    raise Bad(shown, 'write "auto", "5", "3.1.1" or "3.1"')


def color(value: Any) -> str:
    """The name of a colour, or ``#rrggbb``."""
    found = text(value)
    if found.removeprefix("bright_") in COLORS or _HEX_COLOR.match(found):
        return found
    raise Bad(f"{found!r} is not a colour", 'write "#rrggbb" or one of ' + ", ".join(COLORS))


def topic(value: Any) -> str:
    """A topic that may be published to."""
    return _checked(topics.check_topic, text(value))


def topic_filter(value: Any) -> str:
    """A topic filter that may be subscribed to."""
    return _checked(topics.check_filter, text(value))


def _checked(check: Callable[[str], None], value: str) -> str:
    try:
        check(value)
    except InputError as error:
        raise Bad(error.message, error.hint) from None
    return value


def strings(check: Check) -> Check:
    """An array of strings; a single string counts as an array of one."""

    def run(value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            return (check(value),)
        found: list[Any] = need(list, "an array of strings", value)
        result: list[str] = []
        for index, item in enumerate(found):
            try:
                result.append(check(item))
            except Bad as error:
                raise Bad(error.text, error.hint, (index, *error.below)) from None
        return tuple(result)

    return run


def alpn(value: Any) -> str:
    """A protocol name for ALPN (RFC 7301 §3.1: 1 to 255 bytes)."""
    found = text(value)
    if not 1 <= len(found.encode()) <= 255:
        raise Bad("is not 1 to 255 bytes long")
    return found


def header_token(value: Any) -> str:
    """A name made of HTTP token characters (RFC 9110 §5.6.2)."""
    found = text(value)
    if not _TOKEN.match(found):
        raise Bad(f"{found!r} holds characters that HTTP does not allow in a name")
    return found


def secret(value: Any) -> Value:
    """A string, or a table that says where to fetch it."""
    if isinstance(value, str):
        return text(value)
    if not isinstance(value, dict):
        hint = "put quotes around it" if isinstance(value, int | float) else ""
        raise Bad(f"needs a string or a secret, not {kind_of(value)}", hint)
    kinds = ", ".join(SECRET_KINDS)
    for name in value:
        if name not in SECRET_KINDS:
            raise Bad(f"{name!r} is no kind of secret", f"one of {kinds}", (name,))
    if len(value) != 1:
        raise Bad(f"needs exactly one of {kinds}", 'for example { env = "MQTT_PASSWORD" }')
    kind, argument = next(iter(value.items()))
    return _secret_ref(kind, argument)


def _secret_ref(kind: SecretKind, argument: Any) -> SecretRef:
    if kind == "prompt":
        if argument is True:
            return SecretRef("prompt")
        if not isinstance(argument, str):
            raise Bad("needs true or the question to ask", "{ prompt = true }", (kind,))
        return SecretRef("prompt", argument)
    if kind == "command" and isinstance(argument, list) and all(isinstance(part, str) for part in argument):
        argument = shlex.join(argument)
    if not isinstance(argument, str) or not argument.strip():
        raise Bad(f"needs a string, not {kind_of(argument)}" if argument != "" else "is empty", "", (kind,))
    return SecretRef(kind, argument)


def header_value(value: Any) -> Value:
    """The value of an HTTP header: no line break (RFC 9110 §5.5)."""
    found = secret(value)
    if isinstance(found, str) and ("\r" in found or "\n" in found):
        raise Bad("may not hold a line break")
    return found


def proxy(value: Any) -> str:
    """The URL of a proxy; one with placeholders is read when connecting."""
    found = text(value)
    if found and "${" not in found:
        try:
            parse_proxy(found)
        except InputError as error:
            raise Bad(error.message, error.hint) from None
    return found


def fingerprint(value: Any) -> str:
    """``sha256:`` and 64 hex digits (colons between them are fine); returned in lower case."""
    found = text(value).strip()
    algorithm, _, digits = found.partition(":")
    digits = digits.replace(":", "").replace(" ", "").lower()
    if algorithm.lower() not in ("sha256", "sha-256") or not re.fullmatch("[0-9a-f]{64}", digits):
        raise Bad("is not sha256: and 64 hex digits", "openssl x509 -noout -fingerprint -sha256 -in cert.pem")
    return f"sha256:{digits}"


def payload_path(value: Any) -> str:
    """A payload field or frame path: begins with a dot."""
    found = text(value)
    if found and not found.startswith("."):
        raise Bad(f"{found!r} is not a path into the payload", f'write ".{found}"')
    return found


def user_properties(value: Any) -> tuple[tuple[str, str], ...]:
    """``{ name = "value" }``, ``{ name = ["a", "b"] }`` or ``[["name", "value"], …]``."""
    pairs: list[tuple[str, str]] = []
    if isinstance(value, dict):
        for name, given in value.items():
            for item in given if isinstance(given, list) else [given]:
                if not isinstance(item, str):
                    raise Bad(f"needs a string, not {kind_of(item)}", "", (name,))
                pairs.append((name, text(item)))
        return tuple(pairs)
    found: list[Any] = need(list, "a table of names and strings", value)
    for index, item in enumerate(found):
        if not (isinstance(item, list) and len(item) == 2 and all(isinstance(part, str) for part in item)):
            raise Bad('needs pairs such as ["name", "value"]', "", (index,))
        pairs.append((text(item[0]), text(item[1])))
    return tuple(pairs)
