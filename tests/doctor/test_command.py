"""``mqttx-tui doctor`` in a process of its own."""

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
from tests.cli.commands import mosquitto_pub, run, started, url
from tests.support.certificates import Certificates
from tests.support.mosquitto import Mosquitto, find, free_port
from tests.support.wait import until

pytestmark = pytest.mark.mosquitto
Start = Callable[..., Mosquitto]


def report(*arguments: str) -> tuple[int, dict[str, Any]]:
    """Exit code and report of ``doctor --json``."""
    done = run("doctor", *arguments, "--json")
    assert done.stdout, done.stderr.decode()
    return done.returncode, json.loads(done.stdout)


def stages(found: dict[str, Any]) -> dict[str, str]:
    return {check["stage"]: check["verdict"] for check in found["checks"]}


def test_the_table_of_a_connection_that_is_well(mosquitto: Mosquitto) -> None:
    done = run("doctor", url(mosquitto), "--timeout", "5")
    assert (done.returncode, done.stderr) == (Exit.DONE, b"")
    first, *lines, last = done.stdout.decode().splitlines()
    assert (first, last) == (url(mosquitto), "all is well")
    rows = [line for line in lines if not line.startswith(" ")]
    assert [row.split()[0] for row in rows] == [
        *("name", "tcp", "mqtt", "subscribe", "publish", "receive"),
        *("versions", "support", "profile", "clean"),
    ]
    assert all(re.fullmatch(r"\w+ +ok +(\d+\.\d ms)?  .+", row) for row in rows)
    assert len({re.match(r"\w+ +ok +(\d+\.\d ms)?  ", row).end() for row in rows}) == 1  # type: ignore[union-attr]


def test_a_failure_with_its_hint_below_the_stage() -> None:
    port = free_port()
    done = run("doctor", f"mqtt://127.0.0.1:{port}")
    assert done.returncode == Exit.UNREACHABLE
    text = done.stdout.decode()
    assert f"Connection refused: nothing listens on 127.0.0.1:{port}\n" in text
    assert f"hint: is the broker running, and is {port} its port?\n" in text
    *_, skipped, last = text.splitlines()
    assert skipped.startswith("not tried: mqtt, subscribe, publish, receive, versions, ")
    assert skipped.endswith(" (not connected)")
    assert last == "failed at tcp"


def test_json_for_machines(mosquitto: Mosquitto) -> None:
    code, found = report(url(mosquitto))
    assert (code, found["exit_code"], found["verdict"]) == (0, 0, "ok")
    assert (found["target"], found["protocol"]) == (url(mosquitto), "mqtt")
    assert all(verdict == "ok" for verdict in stages(found).values())
    connack = next(check for check in found["checks"] if check["stage"] == "mqtt")
    assert connack["ms"] > 0
    assert {"name": "topic alias maximum", "value": "10"} in connack["facts"]


def test_the_exit_code_says_which_kind_of_stage_failed(
    start_mosquitto: Start, certificates: Certificates
) -> None:
    closed = start_mosquitto(options=["allow_anonymous false"])
    code, found = report(url(closed))
    assert (code, stages(found)["mqtt"]) == (Exit.NOT_AUTHORISED, "failed")
    secure = start_mosquitto(
        listeners={"tls": [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]}
    )
    code, found = report(f"mqtts://localhost:{secure.port}", "--cafile", certificates.other_ca)
    assert (code, stages(found)["tls"]) == (Exit.TLS, "failed")


def test_no_secret_is_printed(start_mosquitto: Start) -> None:
    server = start_mosquitto(options=["allow_anonymous false"])
    secret = "engine-room-7431"
    target = f"mqtt://ada:{secret}@127.0.0.1:{server.port}"
    for options in ([], ["--json"]):
        done = run("doctor", target, *options)
        assert done.returncode == Exit.NOT_AUTHORISED
        assert secret.encode() not in done.stdout + done.stderr
        assert b"ada:" not in done.stdout
    done = run("doctor", url(server), "-u", "ada", "--password-env", "LAB_PASSWORD", LAB_PASSWORD=secret)
    assert done.returncode == Exit.NOT_AUTHORISED
    assert secret.encode() not in done.stdout + done.stderr


def test_nothing_is_left_behind(start_mosquitto: Start) -> None:
    """No retained message, no subscription, no session; and nobody hears anything else than before."""
    server = start_mosquitto(options=["allow_anonymous true", "sys_interval 1"])
    code, found = report(url(server), "--topic", "lab/doctor", "-i", "plant-7", "-c")
    assert (code, stages(found)["clean"]) == (0, "ok")
    retained = subprocess.run(
        [find("mosquitto_sub") or "", "-p", str(server.port), "-t", "#", "-W", "1", "--retained-only"],
        capture_output=True,
    )
    assert retained.stdout == b""
    ids = set(re.findall(r" as (plant-7-\w+) \(p\d, c(\d)", server.log))
    assert len(ids) > 5, "every connection has an id of its own"
    assert {clean for _, clean in ids} == {"1"}
    assert server.log.count("Received DISCONNECT from plant-7-") == len(ids)
    topics = set(re.findall(r"Received PUBLISH from \S+ \(.*?, '([^']*)'", server.log))
    assert all(topic.startswith("lab/doctor/") for topic in topics)


def test_a_running_client_is_not_thrown_out(mosquitto: Mosquitto) -> None:
    program = [find("mosquitto_sub") or "", "-p", str(mosquitto.port), "-i", "plant-8", "-t", "plant/8"]
    with started(program=program) as device:
        until(lambda: "Sending SUBACK to plant-8" in mosquitto.log, "the device subscribes")
        code, _ = report(url(mosquitto), "-i", "plant-8")
        assert code == Exit.DONE
        mosquitto_pub(mosquitto, "-t", "plant/8", "-m", "still here")
        device.prints(len(b"still here\n"))
    assert "already connected" not in mosquitto.log


def test_a_read_only_profile_publishes_nothing(mosquitto: Mosquitto, tmp_path: Path) -> None:
    file = tmp_path / "connections.toml"
    file.write_text(
        f'[connections.plant]\nurl = "{url(mosquitto)}"\nread_only = true\nclient_id = "reader"\n'
    )
    code, found = report("plant", "--config", str(file))
    assert code == Exit.DONE
    seen = stages(found)
    assert (seen["subscribe"], seen["publish"], seen["receive"]) == ("ok", "skipped", "skipped")
    assert "Received PUBLISH from reader-" not in mosquitto.log
    skipped = next(check for check in found["checks"] if check["stage"] == "publish")
    assert skipped["text"] == "the profile is read-only: nothing is published"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopped_half_way(number: int) -> None:
    """By Ctrl+C or from outside, while a server keeps it waiting: what is done so far stands there."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with started("doctor", f"mqtt://127.0.0.1:{port}", "--timeout", "60") as command:
            connection, _ = silent.accept()
            with connection:
                assert connection.recv(10), "CONNECT came"
                command.process.send_signal(number)
                assert command.end() == Exit.INTERRUPTED
        assert b"tcp        ok" in command.out
        assert command.err == b""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["mqtt://127.0.0.1", "--topic", "a/#"], b"may not hold #"),
        (["mqtt://127.0.0.1", "--timeout", "0"], b"no time"),
        (["nowhere"], b"nowhere"),
        ([], b"TARGET"),
    ],
)
def test_bad_words(words: list[str], said: bytes) -> None:
    done = run("doctor", *words)
    assert done.returncode == Exit.BAD_INPUT
    assert said in done.stderr
    assert done.stdout == b""
