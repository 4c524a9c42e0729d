"""Redirects of a WebSocket upgrade (RFC 6455 §4.1, RFC 9110 §15.4): whether and how they are followed."""

from __future__ import annotations

from dataclasses import replace

from mqttx_tui.model.endpoint import Endpoint, parse_url
from mqttx_tui.model.errors import InputError, LinkError
from mqttx_tui.model.profile import Profile
from mqttx_tui.transport.failures import failure
from mqttx_tui.transport.upgrade import REDIRECTS, Head, explain_status, websocket_url

LIMIT = 5
"""Redirects followed in one attempt."""


class Redirected(Exception):
    """The server named another place; ``head`` is its answer."""

    def __init__(self, head: Head) -> None:
        super().__init__(head.status)
        self.head = head


def is_redirect(head: Head) -> bool:
    """Whether an answer names another place."""
    return head.status in REDIRECTS and bool(head.headers.get("location"))


def follow(profile: Profile, endpoint: Endpoint, head: Head, *, mqtt: bool, followed: int) -> Profile:
    """The profile for the place that ``head`` names.

    To another origin (scheme, host or port) no header, token, user name or password of the profile
    goes along. Raises ``LinkError`` for a redirect that is not followed: after ``LIMIT`` of them, from
    TLS to none, to no WebSocket, and to another origin where what is said after the upgrade holds
    credentials: MQTT's CONNECT, and messages that the profile calls secret.
    """
    refused = explain_status(head, endpoint, mqtt=mqtt)
    if followed >= LIMIT:
        raise failure("upgrade.redirects", limit=LIMIT, location=_shown(refused), code=head.status)
    try:
        url = websocket_url(endpoint, head.headers["location"])
        target = parse_url(url)
    except (InputError, ValueError):
        raise refused from None
    if target.transport not in ("ws", "wss") or (endpoint.secure and not target.secure):
        raise refused
    if _origin(target) == _origin(endpoint):
        return replace(profile, url=_with_userinfo(url, profile))
    if mqtt or any(message.secret for message in profile.messages):
        raise refused
    bare = replace(profile.tls, server_name="")
    return replace(profile, url=url, headers=(), username="", password=None, bearer="", tls=bare)


def _origin(endpoint: Endpoint) -> tuple[bool, str, int]:
    return endpoint.secure, endpoint.host.lower(), endpoint.port


def _with_userinfo(url: str, profile: Profile) -> str:
    """The same user as before, where the profile's URL names one and the new one does not."""
    userinfo, at, _ = str(profile.url).partition("://")[2].partition("/")[0].rpartition("@")
    scheme, _, rest = url.partition("://")
    if not at or "@" in rest.partition("/")[0]:
        return url
    return f"{scheme}://{userinfo}@{rest}"


def _shown(refused: LinkError) -> str:
    return refused.hint.partition('"')[2].rpartition('"')[0]
