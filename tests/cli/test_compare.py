"""``mqttx-tui compare`` in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mqttx_tui.model.errors import Exit
from tests.cli.commands import run, started, url
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto, find, free_port
from tests.support.wait import FACTOR, until

pytestmark = pytest.mark.mosquitto
Start = Callable[..., Mosquitto]
QUICK = ("--count", "2", "--size", "16", "--size", "256")


def compared(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and object of ``compare --json``."""
    done = run("compare", *arguments, "--json")
    assert done.stdout, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def everywhere(start_mosquitto: Start, certificates: Certificates) -> list[str]:
    """One mosquitto as three targets: TCP, WebSocket and TLS."""
    secure = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    broker = start_mosquitto(listeners={"mqtt": [], "ws": ["protocol websockets"], "mqtts": secure})
    ports = broker.ports
    return [
        f"mqtt://localhost:{ports['mqtt']}",
        f"ws://localhost:{ports['ws']}/mqtt",
        f"mqtts://localhost:{ports['mqtts']}",
    ]


def rows(text: str, title: str) -> dict[str, list[str]]:
    """A block of the table: label and numbers."""
    block = text.partition(f"\n{title}")[2].partition("\n\n")[0]
    found = (re.fullmatch(r"(.+?)((?:  +(?:[\d,.]+|-))+)", line) for line in block.splitlines()[1:])
    return {one[1].strip(): one[2].split() for one in found if one is not None}


def test_three_links_side_by_side(everywhere: list[str], certificates: Certificates) -> None:
    done = run("compare", *everywhere, "--cafile", certificates.ca, "-V", "5", *QUICK)
    text = done.stdout.decode()
    assert (done.returncode, done.stderr) == (Exit.DONE, b""), text
    assert all(len(line) <= 80 for line in text.splitlines()), "it fits on a usual terminal"
    lines = text.splitlines()
    assert lines[0] == f"1  {everywhere[0]}"
    assert lines[1] == "   MQTT 5 over tcp"
    assert lines[2].startswith("2  mqtt+ws://localhost:")
    assert lines[5].startswith("   MQTT 5 over tls: TLSv1.3, ")
    found = rows(text, "bytes, for one of each")
    topic = len("mqttx-tui/compare/") + 16
    assert found["subscribe"] == [
        *(str(8 + topic), "6"),
        *(str(14 + topic), "8"),
        *(str(30 + topic), "28"),
    ]
    assert found["ping"] == ["2", "2", "8", "4", "24", "24"]
    assert found["WebSocket"][:2] == found["WebSocket"][4:] == ["-", "-"]
    assert found["publish QoS 0  16 B"][:4] == [str(5 + topic + 16), "0", str(11 + topic + 16), "0"]
    assert found["deliver QoS 0  16 B"][:4] == ["0", str(5 + topic + 16), "0", str(7 + topic + 16)]
    times = rows(text, "ms, 2 of each")
    assert {len(cells) for cells in times.values()} == {6}
    assert "message QoS 2 256 B" in times
    public = rows(text, "whole frames in public")
    assert public["subscribe"][:2] == ["291", "299"]
    assert int(public["subscribe"][2]) == 14 + topic + 4 * 66


def test_many_targets_wrap(mosquitto: Mosquitto) -> None:
    done = run("compare", *[url(mosquitto)] * 5, "-q", "0", "--count", "1", "--size", "16")
    text = done.stdout.decode()
    assert done.returncode == Exit.DONE
    assert all(len(line) <= 80 for line in text.splitlines())
    heads = [line for line in text.splitlines() if line.startswith("bytes, for one of each")]
    assert "".join(re.findall(r"(\d) out", " ".join(heads))) == "12345"
    assert len(heads) == 2


def test_json_for_machines(everywhere: list[str]) -> None:
    code, found = compared(*everywhere[:2], *QUICK, "-q", "1", "-q", "0")
    assert (code, found["exit_code"]) == (0, 0)
    assert (found["qos"], found["sizes"], found["count"]) == ([0, 1], [16, 256], 2)
    assert found["public_frames"]["connect"] == {"tcp": 512, "websocket": 1161}
    plain, web = found["targets"]
    assert (plain["target"], plain["transport"], plain["mqtt"], plain["tls"]) == (
        *(everywhere[0], "tcp", "5", None),
    )
    assert web["target"] == f"mqtt+{everywhere[1]}"
    assert [(one["qos"], one["size"]) for one in plain["publish"]] == [(0, 16), (0, 256), (1, 16), (1, 256)]
    one = plain["publish"][3]
    packet = 8 + len(plain["topic"]) + 256
    assert one["publisher"] == {
        "sent": packet,
        "received": 4,
        "layers": {
            "mqtt": {"sent": packet, "received": 4},
            "websocket": {"sent": 0, "received": 0},
            "tls": {"sent": 0, "received": 0},
            "before": {"sent": 0, "received": 0},
        },
        "writes": 1,
        "reads": 1,
    }
    assert one["message_ms"]["samples"] == one["acknowledged_ms"]["samples"] == 2
    assert 0 < one["message_ms"]["median"] <= one["message_ms"]["p95"]
    assert plain["publish"][0]["acknowledged_ms"] is None
    assert plain["estimated_frames"]["publish"] == packet + 4 + 4 * 66
    assert (plain["failure"], plain["notes"]) == (None, [])
    assert plain["total"]["sent"] > sum(one["publisher"]["sent"] for one in plain["publish"])


def test_one_that_is_refused_does_not_stop_the_others(mosquitto: Mosquitto, start_mosquitto: Start) -> None:
    closed = start_mosquitto(options=["allow_anonymous false"])
    targets = [url(mosquitto), f"mqtt://127.0.0.1:{free_port()}", url(closed), url(mosquitto)]
    code, found = compared(*targets, *QUICK)
    assert code == found["exit_code"] == Exit.UNREACHABLE, "of the first that failed"
    stages = [one["failure"] and one["failure"]["stage"] for one in found["targets"]]
    assert stages == [None, "tcp", "mqtt", None]
    assert found["targets"][2]["failure"]["code"] == 0x87
    assert [len(one["publish"]) for one in found["targets"]] == [6, 0, 0, 6]
    done = run("compare", *targets, *QUICK)
    text = done.stdout.decode()
    assert done.returncode == Exit.UNREACHABLE
    assert "   failed at tcp: Connection refused: nothing listens on 127.0.0.1:" in text
    row = rows(text, "bytes, for one of each")["ping"]
    assert row == ["2", "2", "-", "-", "-", "-", "2", "2"]


def test_a_forbidden_topic_is_said_with_its_reason(start_mosquitto: Start, tmp_path: Path) -> None:
    access = tmp_path / "access"
    access.write_text("topic readwrite lab/#\ntopic read mqttx-tui/#\n")
    server = start_mosquitto(options=["allow_anonymous true", f"acl_file {access}"])
    code, found = compared(url(server), "-V", "5", *QUICK)
    failure = found["targets"][0]["failure"]
    assert (code, failure["stage"], failure["code"]) == (Exit.NOT_AUTHORISED, "publish", 0x87)
    assert "PUBACK 0x87 Not authorized" in failure["text"]
    assert any("--topic PREFIX" in hint for hint in failure["hints"])
    assert found["targets"][0]["ping"]["sent"] == 2, "what was measured before stays"
    assert compared(url(server), "-V", "5", *QUICK, "--topic", "lab/x")[0] == Exit.DONE
    code, found = compared(url(server), "-V", "311", "--timeout", str(2 * FACTOR), *QUICK)
    failure = found["targets"][0]["failure"]
    assert (code, failure["stage"]) == (Exit.NOT_ACHIEVED, "receive"), "3.1.1 has no word for it"
    assert any("--topic PREFIX" in hint for hint in failure["hints"])


def test_nothing_is_left_behind(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous true"])
    code, found = compared(url(server), *QUICK, "-i", "plant-7", "-c", "--will-topic", "plant/7/gone")
    assert code == Exit.DONE
    ids = set(re.findall(r" as (plant-7-\w+) \(p\d, c(\d)", server.log))
    assert len(ids) == 4, "two that stay, and two that only connect"
    until(lambda: server.log.count("Received DISCONNECT from plant-7-") == len(ids), "all have left")
    assert {clean for _, clean in ids} == {"1"}
    topics = re.findall(r"Received PUBLISH from \S+ \(d\d, q\d, r(\d), m\d+, '([^']*)'", server.log)
    assert set(topics) == {("0", found["targets"][0]["topic"])}
    retained = subprocess.run(
        [find("mosquitto_sub") or "", "-p", str(server.port), "-t", "#", "-W", "1", "--retained-only"],
        capture_output=True,
    )
    assert retained.stdout == b""


def test_no_secret_is_printed(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous false"])
    secret = "engine-room-7431"
    target = f"mqtt://ada:{secret}@127.0.0.1:{server.port}"
    for options in ([], ["--json"]):
        done = run("compare", target, *options)
        assert done.returncode == Exit.NOT_AUTHORISED
        assert secret.encode() not in done.stdout + done.stderr
    done = run("compare", url(server), "-u", "ada", "--password-env", "LAB_PASSWORD", LAB_PASSWORD=secret)
    assert done.returncode == Exit.NOT_AUTHORISED
    assert secret.encode() not in done.stdout + done.stderr


def test_profiles_by_name(mosquitto: Mosquitto, tmp_path: Path) -> None:
    file = tmp_path / "connections.toml"
    ticker = 'url = "ws://127.0.0.1:1/stream"\nprotocol = "websocket"'
    file.write_text(
        f'[connections.plant]\nurl = "{url(mosquitto)}"\nmqtt = "3.1.1"\n[connections.ticker]\n{ticker}\n'
    )
    code, found = compared("plant", *QUICK, "--config", str(file))
    assert code == Exit.DONE
    assert (found["targets"][0]["name"], found["targets"][0]["target"]) == ("plant", url(mosquitto))
    assert found["targets"][0]["mqtt"] == "3.1.1"
    done = run("compare", "plant", "ticker", "--config", str(file))
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, b"")
    assert b"ticker is a raw WebSocket" in done.stderr
    done = run("compare", "plant", "nowhere", "--config", str(file))
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, b"")


def test_headers_are_for_those_that_have_an_upgrade(everywhere: list[str]) -> None:
    header = "X-Lab: 0123456789"
    code, bare = compared(*everywhere[:2], "-q", "0", *QUICK)
    code, found = compared(*everywhere[:2], "-q", "0", *QUICK, "-H", header, "--origin", "http://lab")
    assert code == Exit.DONE
    plain, web = (target["connect"]["sent"] for target in bare["targets"])
    added = len(f"{header}\r\nOrigin: http://lab\r\n")
    assert [target["connect"]["sent"] for target in found["targets"]] == [plain, web + added]
    done = run("compare", everywhere[0], "-H", header)
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, b"")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--size", "17MiB"), b"at most 16,777,216 bytes"),
        (("--size", "much"), b"is not a size"),
        (("--count", "1001"), b"at most 1,000"),
        (("--count", "0"), b"whole number from 1"),
        (("--timeout", "0"), b"leaves no time"),
        (("--topic", "a/#"), b"#"),
        (("-q", "3"), b"QoS is 0, 1 or 2"),
        ([word for size in range(17) for word in ("--size", str(size))], b"16 are the most"),
    ],
)
def test_bad_arguments(arguments: tuple[str, ...], words: bytes) -> None:
    done = run("compare", "mqtt://localhost:1", *arguments)
    assert (done.returncode, done.stdout) == (Exit.BAD_INPUT, b"")
    assert words in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way(number: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with started("compare", f"mqtt://127.0.0.1:{port}", "--timeout", "60") as command:
            connection, _ = silent.accept()
            with connection:
                connection.recv(1)
                command.process.send_signal(number)
                assert command.end() == Exit.INTERRUPTED
    assert b"Traceback" not in command.err
