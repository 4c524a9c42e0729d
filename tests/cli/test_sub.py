"""``sub`` in real processes, beside mosquitto_sub."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.commands import PROGRAM, environment, mosquitto_pub, objects, run, started, url
from tests.support.mosquitto import Mosquitto, find
from tests.support.terminal import pty
from tests.support.wait import until

PAYLOADS = [b"plain", b"", b"\x00\xff\xfe\n\r binary", "smörgås 🎈".encode(), b"a\nb\n", b"x" * 5000, b"last"]


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["-v"],
        ["-N"],
        ["-v", "-N"],
        ["-F", "%t %p %q %r %l"],
        ["-F", "%x|%X|%010l|%-20t|%.3t|\\t%%"],
        ["-F", "%20p|%-20p|%7x|%07p"],
    ],
)
def test_the_same_bytes_as_mosquitto_sub(mosquitto: Mosquitto, options: list[str]) -> None:
    topic = f"same/{uuid.uuid4().hex}"
    wanted = ["-t", topic, *options, "-C", str(len(PAYLOADS))]
    theirs = [find("mosquitto_sub") or "", "-p", str(mosquitto.port), "-i", topic]
    with (
        started(*wanted, program=theirs) as other,
        started("sub", url(mosquitto), *wanted) as own,
    ):
        own.says(f"subscribed {topic} qos 0")
        until(lambda: f"Sending SUBACK to {topic}" in mosquitto.log)
        for payload in PAYLOADS:
            mosquitto_pub(mosquitto, "-t", topic, "-s" if payload else "-n", data=payload)
        assert (own.end(), other.end()) == (0, 0)
    assert own.out == other.out
    assert len(own.out) > 100


def test_retained_flags_qos_and_json(mosquitto: Mosquitto) -> None:
    topic = f"json/{uuid.uuid4().hex}"
    mosquitto_pub(mosquitto, "-t", topic, "-m", "kept", "-r")
    with started("sub", url(mosquitto), "-t", topic, "-q", "1", "--json", "-C", "3") as own:
        own.says(f"subscribed {topic} qos 1")
        mosquitto_pub(
            mosquitto,
            "-V",
            "5",
            "-t",
            topic,
            "-m",
            "fresh",
            "-q",
            "1",
            "-D",
            "publish",
            "user-property",
            "a",
            "b",
        )
        mosquitto_pub(mosquitto, "-t", topic, "-s", data=b"\xff\x00")
        assert own.end() == 0
    seen = objects(bytes(own.out))
    assert [one.get("payload") for one in seen] == ["kept", "fresh", None]
    assert [one["retain"] for one in seen] == [True, False, False]
    assert [one["qos"] for one in seen] == [0, 1, 0]
    assert seen[2]["payload_base64"] == "/wA="
    assert seen[1]["properties"] == {"user": [["a", "b"]]}
    assert {one["connection"] for one in seen} == {url(mosquitto)}
    assert {one["direction"] for one in seen} == {"in"}


def test_what_is_left_out(mosquitto: Mosquitto) -> None:
    topic = f"out/{uuid.uuid4().hex}"
    mosquitto_pub(mosquitto, "-t", f"{topic}/kept", "-m", "stale", "-r")
    options = [
        "-t",
        f"{topic}/#",
        "-T",
        f"{topic}/noise",
        "-R",
        "--where",
        ".v > 20 and changed",
        "-v",
        "-C",
        "2",
    ]
    with started("sub", url(mosquitto), *options) as own:
        own.says("subscribed")
        for name, payload in [
            ("noise", '{"v":90}'),
            ("a", '{"v":10}'),
            ("a", '{"v":30}'),
            ("a", '{"v":30}'),
            ("a", '{"v":"offline"}'),
            ("b", '{"v":25}'),
            ("b", '{"v":21}'),
        ]:
            mosquitto_pub(mosquitto, "-t", f"{topic}/{name}", "-m", payload)
        assert own.end() == 0
    assert own.out.decode().split() == [f"{topic}/a", '{"v":30}', f"{topic}/b", '{"v":21}']
    left_out = re.search(rb"(\d+) messages were left out, as asked", own.err)
    assert left_out
    assert int(left_out[1]) >= 5  # and what was retained by other tests of this broker


def test_exit_after_suback(mosquitto: Mosquitto) -> None:
    done = run("sub", url(mosquitto), "-t", "a/b", "-t", "c/#", "-q", "2", "-E")
    assert done.returncode == 0
    assert done.stdout == b""
    assert sorted(done.stderr.decode().splitlines()) == ["subscribed a/b qos 2", "subscribed c/# qos 2"]


def test_timeout_is_not_achieved(mosquitto: Mosquitto) -> None:
    assert run("sub", url(mosquitto), "-t", "silence", "-C", "1", "-W", "0.2").returncode == 1


def test_interrupt(mosquitto: Mosquitto) -> None:
    topic = f"int/{uuid.uuid4().hex}"
    with started("sub", url(mosquitto), "-t", topic) as own:
        own.says("subscribed")
        mosquitto_pub(mosquitto, "-t", topic, "-m", "before")
        own.prints(7)
        own.process.send_signal(signal.SIGINT)
        assert own.end() == 130
    assert own.out == b"before\n"
    assert b"Traceback" not in own.err


def test_a_closed_pipe_ends_it_quietly(mosquitto: Mosquitto) -> None:
    topic = f"pipe/{uuid.uuid4().hex}"
    reader, writer = os.pipe()
    with started("sub", url(mosquitto), "-t", topic, stdout=writer) as own:
        os.close(writer)
        own.says("subscribed")
        mosquitto_pub(mosquitto, "-t", topic, "-m", "one")
        assert os.read(reader, 100) == b"one\n"
        os.close(reader)
        assert own.end() == 0
    assert own.err.decode() == f"subscribed {topic} qos 0\n"


def test_a_reader_that_stops_loses_nothing(mosquitto: Mosquitto) -> None:
    topic, count = f"slow/{uuid.uuid4().hex}", 30_000
    reader, writer = os.pipe()
    with started("sub", url(mosquitto), "-t", topic, "-q", "1", "-C", str(count), stdout=writer) as own:
        os.close(writer)
        own.says("subscribed")
        lines = b"".join(b"%06d %s\n" % (number, b"x" * 300) for number in range(count))
        mosquitto_pub(mosquitto, "-t", topic, "-q", "1", "-l", data=lines)
        received = bytearray()
        while data := os.read(reader, 1 << 20):
            received += data
        os.close(reader)
        assert own.end() == 0
    assert received == lines


def test_what_a_stopped_reader_cost_is_said(mosquitto: Mosquitto) -> None:
    topic, count = f"stopped/{uuid.uuid4().hex}", 30_000
    reader, writer = os.pipe()
    with started("sub", url(mosquitto), "-t", topic, "-q", "1", stdout=writer) as own:
        os.close(writer)
        own.says("subscribed")
        lines = b"".join(b"%06d %s\n" % (number, b"x" * 300) for number in range(count))
        mosquitto_pub(mosquitto, "-t", topic, "-q", "1", "-l", data=lines)
        own.says("reading is paused, so far for")
        own.process.send_signal(signal.SIGINT)
        assert own.end() == 130
        os.close(reader)
    assert re.search(
        rb"reading was paused for [1-9]\d*\.\d s, because the file or the reader of stdout", own.err
    )
    assert re.search(rb"up to \d{6,} bytes at the end were not written", own.err)


def test_a_terminal_sees_time_topic_and_payload_and_no_escape(mosquitto: Mosquitto) -> None:
    topic = f"tty/{uuid.uuid4().hex}"
    command = [*PROGRAM, "sub", url(mosquitto), "-t", f"{topic}/#", "-C", "1"]
    with pty(command, env=environment()) as terminal:
        terminal.wait_for(b"subscribed")
        mosquitto_pub(mosquitto, "-t", f"{topic}/[/]", "-s", data=b"\x1b]0;evil\x07[red]\n\xc2\x9b2J\x00")
        terminal.wait_for(b"evil")
        assert terminal.process.wait(10) == 0
        line = bytes(terminal.output).splitlines()[-1]
    assert not set(line) & {0x1B, 0x07, 0x00}
    text = line.decode()
    assert text[2] == text[5] == ":"
    assert text[13:] == f"{topic}/[/] ␛]0;evil␇[red]␊\\x9b2J␀"


def test_interrupt_from_the_terminal(mosquitto: Mosquitto) -> None:
    with pty([*PROGRAM, "sub", url(mosquitto), "-t", "nothing"], env=environment()) as terminal:
        terminal.wait_for(b"subscribed")
        terminal.write(b"\x03")
        assert terminal.process.wait(10) == 130
        assert b"Traceback" not in terminal.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mqtt://127.0.0.1:1"], "Nothing to subscribe to"),
        (["mqtt://127.0.0.1:1", "-t", "a/#/b"], "must be the last level"),
        (["mqtt://127.0.0.1:1", "-t", "#", "-F", "%z"], "column 1"),
        (["mqtt://127.0.0.1:1", "-t", "#", "--where", "temp > 20"], "column 1"),
        (["nobody", "-t", "#"], "Unknown profile"),
        (["mqtt://127.0.0.1:1", "-t", "#", "-q", "3"], "QoS"),
    ],
)
def test_bad_arguments(arguments: list[str], words: str) -> None:
    done = run("sub", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()
    assert done.stdout == b""


def test_unreachable() -> None:
    done = run("sub", "mqtt://127.0.0.1:1", "-t", "#")
    assert done.returncode == 3
    assert b"Connection refused" in done.stderr


def test_not_authorised(start_mosquitto: Callable[..., Mosquitto]) -> None:
    broker = start_mosquitto(options=["allow_anonymous false"])
    done = run("sub", url(broker), "-t", "#")
    assert done.returncode == 4


def test_a_refused_subscription(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite open/#\n")
    acl.chmod(0o644)
    broker = start_mosquitto(options=["allow_anonymous true", f"acl_file {acl}"])
    with started("sub", url(broker), "-t", "open/a", "-t", "$SYS/#", "-C", "1") as own:
        own.says("subscribed open/a qos 0")
        mosquitto_pub(broker, "-t", "open/a", "-m", "x")
        assert own.end() == 0


def test_certificates(start_mosquitto: Callable[..., Mosquitto], certificates: object) -> None:
    files = certificates
    lines = [f"cafile {files.ca}", f"certfile {files.server_cert}", f"keyfile {files.server_key}"]  # type: ignore[attr-defined]
    broker = start_mosquitto({"tls": lines})
    address = f"mqtts://localhost:{broker.port}"
    assert run("sub", address, "-t", "#", "-E").returncode == 5
    assert run("sub", address, "-t", "#", "-E", "--cafile", files.ca).returncode == 0  # type: ignore[attr-defined]
    assert run("sub", address, "-t", "#", "-E", "--insecure").returncode == 0


def test_it_connects_again_after_a_loss(start_mosquitto: Callable[..., Mosquitto]) -> None:
    broker = start_mosquitto()
    with started("sub", url(broker), "-t", "a", "-v", "-C", "2") as own:
        own.says("subscribed")
        mosquitto_pub(broker, "-t", "a", "-m", "1")
        own.prints(4)
        broker.kill()
        own.says("trying again")
        broker.start()
        own.says("connected again")
        until(lambda: "Sending SUBACK" in broker.log.rpartition("starting")[2])
        mosquitto_pub(broker, "-t", "a", "-m", "2")
        assert own.end(20) == 0
    assert own.out == b"a 1\na 2\n"


def test_a_command_imports_no_textual_and_no_web_socket_client(mosquitto: Mosquitto) -> None:
    code = (
        "import sys\n"
        "from mqttx_tui.cli.main import main\n"
        f"assert main(['sub', {url(mosquitto)!r}, '-t', 'a', '-E']) == 0\n"
        "print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    loaded = set(done.stdout.split())
    assert not loaded & {"textual", "rich", "websockets.asyncio.client"}
    assert not [name for name in loaded if name.startswith("mqttx_tui.ui")]
