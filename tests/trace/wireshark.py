"""What tshark sees on loopback: bytes of each direction, packets, and where their fields stand."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import xml.etree.ElementTree as XML
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mqttx_tui.wire.properties import BY_CODE
from tests.support.wait import until

SPANS = {
    "mqtt.hdrflags": "packet",
    "mqtt.len": "remaining length",
    "mqtt.protoname": "protocol name",
    "mqtt.ver": "protocol level",
    "mqtt.conflags": "connect flags",
    "mqtt.kalive": "keepalive",
    "mqtt.clientid": "client id",
    "mqtt.username": "user name",
    "mqtt.willtopic": "will topic",
    "mqtt.willmsg": "will payload",
    "mqtt.conack.flags": "acknowledge flags",
    "mqtt.property_len": "property length",
    "mqtt.topic": "topic",
    "mqtt.msgid": "packet id",
    "mqtt.subscription_options": "options",
    "mqtt.sub.qos": "options",
    "mqtt.suback.qos": "reason",
    "mqtt.conack.val": "reason",
    "mqtt.msg": "payload",
}
"""tshark's names of fields → ours."""
_LENGTHS = {
    "proto",
    "clientid",
    "username",
    "willtopic",
    "willmsg",
    "topic",
    "prop_string",
    "prop_key",
    "prop_value",
}
_VALUES = ("mqtt.prop_", "mqtt.property.")


@dataclass
class Seen:
    """One packet: its first byte, its size, and (our name, first byte, byte after) of its fields."""

    first: int
    size: int
    spans: list[tuple[str, int, int]] = field(default_factory=list)


def missing() -> str:
    """Why nothing can be compared, or nothing."""
    if shutil.which("tshark") is None:
        return "tshark is not installed"
    allowed = subprocess.run(["tshark", "-D"], capture_output=True, text=True, timeout=20, check=False)
    return "" if "lo" in allowed.stdout else "no right to capture on loopback"


@contextmanager
def capturing(port: int, path: Path) -> Iterator[None]:
    """Everything on a TCP port while it lasts, in a file."""
    with subprocess.Popen(
        ["tshark", "-q", "-i", "lo", "-f", f"tcp port {port}", "-w", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "G_MESSAGES_DEBUG": ""},
    ) as process:
        try:
            _grows(path, port)
            yield
            _grows(path, port)  # what came before is in the file then
        finally:
            process.terminate()


def _grows(path: Path, port: int) -> None:
    """A connection of our own is seen."""
    size = path.stat().st_size if path.exists() else 0

    def seen() -> bool:
        with socket.create_connection(("127.0.0.1", port), 5):
            pass
        return path.exists() and path.stat().st_size > size

    until(seen, "tshark sees a connection", timeout=30)


def stream(path: Path, port: int, client: int) -> tuple[bytes, bytes]:
    """The bytes from and to the broker on the connection from a client's port."""
    text = _run(
        path,
        port,
        f"tcp.len > 0 && tcp.port == {client}",
        "-T",
        "fields",
        "-e",
        "tcp.srcport",
        "-e",
        "tcp.payload",
    )
    both = {True: bytearray(), False: bytearray()}
    for line in text.splitlines():
        source, payload = line.split("\t")
        both[int(source) == port] += bytes.fromhex(payload.replace(":", ""))
    return bytes(both[True]), bytes(both[False])


def packets(path: Path, port: int, client: int) -> tuple[list[Seen], list[Seen]]:
    """The packets from and to the broker, as tshark takes them apart."""
    document = XML.fromstring(_run(path, port, f"mqtt && tcp.port == {client}", "-T", "pdml"))
    both: dict[bool, list[Seen]] = {True: [], False: []}
    for frame in document.iter("packet"):
        source = next(one.get("show") for one in frame.iter("field") if one.get("name") == "tcp.srcport")
        for proto in frame.iter("proto"):
            if proto.get("name") == "mqtt":
                both[source == str(port)].append(_seen(proto))
    return both[True], both[False]


def _seen(proto: XML.Element) -> Seen:
    start = int(proto.get("pos", "0"))
    seen = Seen(0, int(proto.get("size", "0")))
    length_at: int | None = None
    code, property_at = 0, 0
    for one in proto.iter("field"):
        name, at, size = one.get("name", ""), int(one.get("pos", "0")) - start, int(one.get("size", "0"))
        if name == "mqtt.hdrflags":
            seen.first = int(one.get("show", "0"), 0)
        if name.removeprefix("mqtt.").removesuffix("_len") in _LENGTHS and name.endswith("_len"):
            length_at = at
            continue
        begin = at if length_at is None else length_at
        if name == "mqtt.property_id":
            code, property_at = int(one.get("show", "0"), 0), at
        elif name == "mqtt.prop_key":
            pass
        elif name.startswith(_VALUES) or name in ("mqtt.property.topic_alias", "mqtt.property.max_qos"):
            seen.spans.append((BY_CODE[code].name, property_at, at + size))
        elif name.endswith(".reason_code"):
            seen.spans.append(("reason", at, at + size))
        elif name in SPANS and (size or name != "mqtt.msg"):  # an empty payload is no part
            ours = SPANS[name]
            if ours == "topic" and seen.first >> 4 in (8, 10):
                ours = "topic filter"
            seen.spans.append((ours, begin, at + size))
        length_at = None
    return seen


def _run(path: Path, port: int, wanted: str, *words: str) -> str:
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={port},mqtt", "-Y", wanted, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
