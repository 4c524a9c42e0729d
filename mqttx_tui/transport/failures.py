"""Every way in which a connection fails below the protocol, as data: stage, title, sentence, hint."""

from __future__ import annotations

from dataclasses import dataclass

from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.visible import visible

VALUE_LIMIT = 200
"""Longest text from outside that is quoted in a sentence."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One kind of failure. ``message`` and ``hint`` are templates for ``str.format``."""

    stage: str
    title: str
    message: str
    hint: str = ""
    retry: bool = True
    exit_code: Exit = Exit.UNREACHABLE


def failure(name: str, *, code: int | None = None, stage: str = "", **values: object) -> LinkError:
    """The ``LinkError`` of one row of ``FAILURES``, its templates filled with ``values``.

    ``stage`` overrides the row's, for failures that can happen at several. Values are made visible
    and clipped: many come from the peer.
    """
    row = FAILURES[name]
    shown = {key: visible(str(value), VALUE_LIMIT) for key, value in values.items()}
    return LinkError(
        row.message.format_map(shown),
        stage=stage or row.stage,
        title=row.title,
        hint=row.hint.format_map(shown),
        retry=row.retry,
        code=code,
        exit_code=row.exit_code,
    )


FAILURES: dict[str, Failure] = {
    "name.unknown": Failure(
        "name",
        "Name not found",
        "nobody knows the name {host} ({reason})",
        "check the spelling of the host, or write its IP address",
    ),
    "name.timeout": Failure(
        "name",
        "Name lookup timed out",
        "looking up {host} took longer than {seconds} s",
        "check the name server, or write the IP address",
    ),
    "tcp.refused": Failure(
        "tcp",
        "Connection refused",
        "nothing listens on {address}",
        "is the broker running, and is {port} its port?",
    ),
    "tcp.unreachable": Failure(
        "tcp",
        "Host unreachable",
        "no way to {address} ({reason})",
        "check the network, a VPN or the address",
    ),
    "tcp.timeout": Failure(
        "tcp",
        "No answer",
        "{address} did not answer within {seconds} s",
        "a firewall may drop the packets; check address and port",
    ),
    "tcp.failed": Failure("tcp", "Connection failed", "connecting to {address} failed ({reason})"),
    "link.reset": Failure(
        "link",
        "Connection reset",
        "{peer} cut the connection ({reason})",
        "the other side crashed, was restarted, or something between dropped the connection",
    ),
    "link.failed": Failure("link", "Connection lost", "the connection to {peer} broke ({reason})"),
}
"""By name: the stage, a dot, what happened."""
