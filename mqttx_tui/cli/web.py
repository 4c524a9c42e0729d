"""What a WebSocket and the way to it are opened with on the command line, as websocat and curl spell it."""

from __future__ import annotations

from argparse import ArgumentTypeError, Namespace, _ActionsContainer
from dataclasses import replace
from typing import Any

from mqttx_tui.model.errors import InputError
from mqttx_tui.model.profile import Profile


def add_web(parser: _ActionsContainer) -> None:
    """``--header``, ``--subprotocol``, ``--origin``, ``--compression`` and ``--proxy``."""
    parser.add_argument(
        *("-H", "--header"),
        dest="headers",
        type=_header,
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="of the WebSocket upgrade; ${NAME} in it is filled in from the environment",
    )
    parser.add_argument(
        "--subprotocol",
        dest="subprotocols",
        type=_token,
        action="append",
        default=[],
        metavar="NAME",
        help="of a WebSocket; several are offered in their order",
    )
    parser.add_argument("--origin", metavar="URL", help="of the WebSocket upgrade")
    parser.add_argument("--compression", action="store_true", help="permessage-deflate (a raw WebSocket)")
    parser.add_argument(
        "--proxy",
        type=_proxy,
        metavar="URL",
        help="http://, socks5:// or socks5h://[USER:PASSWORD@]HOST:PORT; ${NAME} is filled in",
    )


def with_web(profile: Profile, namespace: Namespace) -> Profile:
    """``profile`` with what ``add_web`` read: a header replaces the profile's of the same name.

    Raises ``InputError`` for options that the target's URL has no place for.
    """
    asked = namespace.headers or namespace.subprotocols or namespace.origin or namespace.compression
    scheme = profile.url.partition("://")[0].lower() if isinstance(profile.url, str) else ""
    if asked and scheme and "ws" not in scheme:
        raise InputError(
            f"{scheme}:// has no HTTP upgrade that a header, a subprotocol or an origin could stand in",
            title="No WebSocket",
            hint="ws:// or wss:// in the target, or leave the option out",
        )
    named = {name.lower() for name, _ in namespace.headers}
    kept = tuple(pair for pair in profile.headers if pair[0].lower() not in named)
    changes: dict[str, Any] = {"headers": (*kept, *namespace.headers)}
    if namespace.subprotocols:
        changes["subprotocols"] = tuple(namespace.subprotocols)
    for name in ("origin", "compression", "proxy"):
        if getattr(namespace, name):
            changes[name] = getattr(namespace, name)
    return replace(profile, **changes)


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise ArgumentTypeError("a header is 'NAME: VALUE'")  # the value may be a secret
    return _token(name.strip()), value.strip()


def _token(text: str) -> str:
    from mqttx_tui.profiles.values import Bad, header_token

    try:
        return header_token(text)
    except Bad as error:
        raise ArgumentTypeError(error.text) from None


def _proxy(text: str) -> str:
    from mqttx_tui.profiles.values import Bad, proxy

    try:
        return proxy(text)
    except Bad as error:
        raise ArgumentTypeError(f"{error.text}; {error.hint}" if error.hint else error.text) from None
