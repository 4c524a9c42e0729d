"""``pub`` in real processes, beside mosquitto_sub."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.server import ServerConnection, serve

from tests.cli.commands import PROGRAM, Command, environment, run, started, url
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import until


@contextmanager
def listening(broker: Mosquitto, topic: str, *options: str) -> Iterator[Command]:
    """mosquitto_sub, subscribed."""
    program = [find("mosquitto_sub") or "", "-p", str(broker.port), "-i", topic, "-t", topic]
    with started(*options, program=program) as command:
        until(lambda: f"Sending SUBACK to {topic}" in broker.log)
        yield command


@pytest.fixture
def topic() -> str:
    return f"pub/{uuid.uuid4().hex}"


@pytest.mark.parametrize(
    ("options", "data", "expected"),
    [
        (["-m", "smörgås 🎈"], None, "smörgås 🎈".encode()),
        (["-m", ""], None, b""),
        (["--hex", "00 ff:0A"], None, b"\x00\xff\n"),
        (["--base64", "AP8K"], None, b"\x00\xff\n"),
        (["--file", "-"], b"from\nstdin\x00", b"from\nstdin\x00"),
        (["-s"], b"whole\n", b"whole\n"),
        (["--empty"], None, b""),
        (["-n"], None, b""),
    ],
)
def test_payloads(
    mosquitto: Mosquitto, topic: str, options: list[str], data: bytes | None, expected: bytes
) -> None:
    with listening(mosquitto, topic, "-C", "1", "-F", "%l %x") as other:
        done = run("pub", url(mosquitto), "-t", topic, *options, data=data)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
        assert other.end() == 0
    assert other.out.split() == f"{len(expected)} {expected.hex()}".encode().split()


@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_a_large_file_at_every_qos(mosquitto: Mosquitto, topic: str, tmp_path: Path, qos: str) -> None:
    payload = bytes(range(256)) * 20_000
    (tmp_path / "large").write_bytes(payload)
    with listening(mosquitto, topic, "-C", "1", "-N", "-q", "2") as other:
        done = run("pub", url(mosquitto), "-t", topic, "-f", str(tmp_path / "large"), "-q", qos)
        assert done.returncode == 0
        assert other.end() == 0
    assert other.out == payload


@pytest.mark.parametrize("qos", ["0", "1", "2"])
def test_line_by_line(mosquitto: Mosquitto, topic: str, qos: str) -> None:
    lines = [b"%d \xff" % number for number in range(1000)]
    with listening(mosquitto, topic, "-C", "1001", "-q", "2") as other:
        data = b"\n".join(lines) + b"\nno end of line"
        done = run("pub", url(mosquitto), "-t", topic, "-l", "-q", qos, data=data)
        assert done.returncode == 0, done.stderr
        assert other.end() == 0
    assert other.out == data + b"\n"


def test_retained(mosquitto: Mosquitto, topic: str) -> None:
    assert run("pub", url(mosquitto), "-t", topic, "-m", "kept", "-r").returncode == 0
    with listening(mosquitto, topic, "-C", "1", "-F", "%r %p") as other:
        assert other.end() == 0
    assert other.out == b"1 kept\n"
    assert run("pub", url(mosquitto), "-t", topic, "-n", "-r").returncode == 0


def profiles(tmp_path: Path, broker: Mosquitto, extra: str = "") -> str:
    path = tmp_path / "connections.toml"
    path.write_text(
        f'schema = 1\n[connections.lab]\nurl = "{url(broker)}"\n{extra}'
        '[[connections.lab.messages]]\nname = "permit join"\ntopic = "saved/topic"\nqos = 1\n'
        "payload = '{\"time\": ${SECONDS}}'\ntemplate = true\n"
        '[[connections.lab.messages]]\nname = "hello"\ntopic = "own/hello"\n'
        'payload = "hello"\non_connect = true\n'
    )
    path.chmod(0o600)
    return str(path)


def test_a_saved_message(mosquitto: Mosquitto, topic: str, tmp_path: Path) -> None:
    config = profiles(tmp_path, mosquitto)
    with listening(mosquitto, topic, "-C", "1") as other:
        done = run("pub", "lab", "--config", config, "--saved", "permit join", "-t", topic, SECONDS="254")
        assert done.returncode == 0, done.stderr
        assert other.end() == 0
    assert other.out == b'{"time": 254}\n'
    unknown = run("pub", "lab", "--config", config, "--saved", "leave", SECONDS="1")
    assert unknown.returncode == 2
    assert "'permit join'" in unknown.stderr.decode()


def test_a_command_sends_nothing_of_its_own(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = profiles(tmp_path, mosquitto)
    with started("sub", url(mosquitto), "-t", "own/#", "-v", "-C", "1") as own:
        own.says("subscribed")
        done = run("pub", "lab", "--config", config, "-t", "own/end", "-m", "end", "-q", "1", SECONDS="1")
        assert done.returncode == 0, done.stderr
        assert own.end() == 0
    assert own.out == b"own/end end\n"


def test_read_only(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = profiles(tmp_path, mosquitto, "read_only = true\n")
    done = run("pub", "lab", "--config", config, "-t", "t", "-m", "x", SECONDS="1")
    assert done.returncode == 2
    assert "lab is read-only (read_only = true in connections.toml, line 4)" in done.stderr.decode()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mqtt://127.0.0.1:1", "-t", "a/+", "-m", "x"], "Wildcard"),
        (["mqtt://127.0.0.1:1", "-m", "x"], "no topic"),
        (["mqtt://127.0.0.1:1", "-t", "a"], "no payload"),
        (["mqtt://127.0.0.1:1", "-t", "a", "--hex", "0g"], "column"),
        (["mqtt://127.0.0.1:1", "-t", "a", "--base64", "a!"], "column"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-m", "x", "--fragments", "2"], "raw WebSocket"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-f", "/nowhere"], "/nowhere"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-m", "x", "-n"], "not allowed with"),
        (["mqtt://127.0.0.1:1", "-t", "a", "-m", "x", "--saved", "y"], "own payload"),
    ],
)
def test_bad_arguments(arguments: list[str], words: str) -> None:
    done = run("pub", *arguments)
    assert done.returncode == 2
    assert words in done.stderr.decode()


def test_unreachable_and_not_authorised(start_mosquitto: Callable[..., Mosquitto]) -> None:
    assert run("pub", "mqtt://127.0.0.1:1", "-t", "a", "-m", "x").returncode == 3
    broker = start_mosquitto(options=["allow_anonymous false"])
    for version in ("5", "311"):
        assert run("pub", url(broker), "-t", "a", "-m", "x", "-V", version).returncode == 4


def test_a_refused_publish(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic readwrite open/#\n")
    acl.chmod(0o644)
    broker = start_mosquitto(options=["allow_anonymous true", f"acl_file {acl}"])
    assert run("pub", url(broker), "-t", "open/a", "-m", "x", "-q", "1", "-V", "5").returncode == 0
    for qos in ("1", "2"):
        done = run("pub", url(broker), "-t", "closed", "-m", "x", "-q", qos, "-V", "5")
        assert done.returncode == 4
        assert b"Not delivered" in done.stderr


def test_passwords_by_variable_and_file(start_mosquitto: Callable[..., Mosquitto], tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run([find("mosquitto_passwd") or "", "-b", "-c", str(passwords), "me", "geheim"], check=True)
    passwords.chmod(0o644)
    broker = start_mosquitto(options=["allow_anonymous false", f"password_file {passwords}"])
    message = ["-t", "a", "-m", "x", "-u", "me"]
    assert run("pub", url(broker), *message, "--password-env", "MQ", MQ="geheim").returncode == 0
    assert run("pub", url(broker), *message, "--password-env", "MQ", MQ="falsch").returncode == 4
    (tmp_path / "word").write_text("geheim\n")
    assert run("pub", url(broker), *message, "--password-file", str(tmp_path / "word")).returncode == 0
    assert run("pub", url(broker), *message, "-P", "geheim").returncode == 0


def test_mqtt_over_ws(mosquitto: Mosquitto, topic: str) -> None:
    address = f"ws://127.0.0.1:{mosquitto.ports['ws']}/mqtt"
    with listening(mosquitto, topic, "-C", "1") as other:
        assert run("pub", address, "-t", topic, "-m", "over ws", "-q", "1").returncode == 0
        assert other.end() == 0
    assert other.out == b"over ws\n"


async def test_a_raw_web_socket_gets_frames_and_sub_prints_them() -> None:
    received: list[str | bytes] = []
    got = asyncio.Event()

    async def serve_one(connection: ServerConnection) -> None:
        await connection.send("welcome")
        await connection.send(b"\x00\xff")
        async for message in connection:
            received.append(message)
            got.set()

    async with serve(serve_one, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        address = f"ws://127.0.0.1:{port}/chat"
        for options in (["-m", "text"], ["--hex", "00ff"], ["--base64", "dGV4dA=="]):
            done = await asyncio.to_thread(run, "pub", address, *options)
            assert done.returncode == 0, done.stderr
            await asyncio.wait_for(got.wait(), 5)
            got.clear()
        assert received == ["text", b"\x00\xff", b"text"]
        done = await asyncio.to_thread(run, "sub", address, "-C", "2")
        assert (done.returncode, done.stdout) == (0, b"welcome\n\x00\xff\n")


async def test_a_message_in_several_frames() -> None:
    received: list[list[str]] = []
    got = asyncio.Event()

    async def serve_one(connection: ServerConnection) -> None:
        parts = [part async for part in connection.recv_streaming(decode=True)]
        received.append([str(part) for part in parts])
        got.set()
        await connection.wait_closed()

    async with serve(serve_one, "127.0.0.1", 0) as server:
        address = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/"
        done = await asyncio.to_thread(run, "pub", address, "-m", "0123456789", "--fragments", "3")
        assert done.returncode == 0, done.stderr
        await asyncio.wait_for(got.wait(), 5)
        many = await asyncio.to_thread(run, "pub", address, "-m", "x", "--fragments", "10001")
    assert received == [["012", "345", "6789"]]
    assert many.returncode == 2
    assert b"1 to 10,000 frames" in many.stderr


def test_interrupt_while_waiting_for_stdin(mosquitto: Mosquitto) -> None:
    with started("sub", url(mosquitto), "-t", "line", "-C", "1") as own:
        own.says("subscribed")
        process = subprocess.Popen(
            [*PROGRAM, "pub", url(mosquitto), "-t", "line", "-l"],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
        )
        assert process.stdin is not None
        process.stdin.write(b"first\n")
        process.stdin.flush()
        assert own.end() == 0
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        _, err = process.communicate()
    assert err == b""


def test_a_peer_that_does_not_read_does_not_hold_up_the_end(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(bytes(30_000_000))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"mqtt://127.0.0.1:{listener.getsockname()[1]}"
        message = ["-t", "a", "-f", str(tmp_path / "large"), "-V", "5"]
        with started("pub", address, *message) as own:
            peer, _ = listener.accept()
            with peer:
                peer.recv(1000)
                peer.sendall(bytes([0x20, 3, 0, 0, 0]))
                with pytest.raises(subprocess.TimeoutExpired):
                    own.end(2)  # what was handed over is not thrown away
                own.process.send_signal(signal.SIGINT)
                assert own.end(5) == 130


async def test_no_acknowledgement_within_the_time() -> None:
    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(bytes([0x20, 3, 0, 0, 0]))
        while await reader.read(1000):
            pass
        writer.close()

    async with await asyncio.start_server(mute, "127.0.0.1", 0) as server:
        address = f"mqtt://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        message = ["-t", "a", "-m", "x", "-q", "1", "--timeout", "0.3", "-V", "5"]
        done = await asyncio.to_thread(run, "pub", address, *message)
        assert done.returncode == 1
