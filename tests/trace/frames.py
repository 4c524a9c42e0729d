"""WebSocket frames and HTTP heads as tshark sees them on loopback."""

from __future__ import annotations

import subprocess
import xml.etree.ElementTree as XML
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple


class SeenFrame(NamedTuple):
    """RFC 6455 §5.2: ``rsv`` is RSV1 to RSV3 as a number, RSV1 = 4; ``key`` is empty without a mask."""

    opcode: int
    fin: bool
    rsv: int
    length: int
    key: str


@dataclass
class Exchange:
    """What one side said, in order: lines of HTTP heads, and frames."""

    heads: list[list[str]] = field(default_factory=list)
    frames: list[SeenFrame] = field(default_factory=list)


def exchange(path: Path, port: int, client: int) -> tuple[Exchange, Exchange]:
    """What the server and the client said on the connection from a client's port."""
    wanted = f"tcp.port == {client} && (http || websocket)"
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={port},http", "-Y", wanted, "-T", "pdml"]
    text = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    both = {True: Exchange(), False: Exchange()}
    for packet in XML.fromstring(text).iter("packet"):
        source = next(one.get("show") for one in packet.iter("field") if one.get("name") == "tcp.srcport")
        said = both[source == str(port)]
        for proto in packet.iter("proto"):
            if proto.get("name") == "http":
                said.heads.append(_lines(proto))
            elif proto.get("name") == "websocket":
                said.frames.append(_frame(proto))
    return both[True], both[False]


def _lines(proto: XML.Element) -> list[str]:
    """The first line, and every header."""
    first = bytes.fromhex(next(iter(proto.iter("field"))).get("value", "")).decode().strip()
    names = ("http.request.line", "http.response.line")
    found = [one.get("value", "") for one in proto.iter("field") if one.get("name") in names]
    return [first, *(bytes.fromhex(value).decode().strip() for value in found)]


def _frame(proto: XML.Element) -> SeenFrame:
    found = {one.get("name"): one for one in proto.iter("field")}

    def number(name: str) -> int:
        shown = found[f"websocket.{name}"].get("show", "0")
        return int(shown == "True") if shown in ("True", "False") else int(shown, 0)

    extended = [name for name in found if str(name).startswith("websocket.payload_length_ext")]
    length = number(str(extended[0]).removeprefix("websocket.")) if extended else number("payload_length")
    key = found.get("websocket.masking_key")
    return SeenFrame(
        number("opcode"),
        bool(number("fin")),
        number("rsv"),
        length,
        "" if key is None else key.get("value", ""),
    )
