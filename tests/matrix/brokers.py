"""Both brokers with every listener that the matrix needs, and mosquitto's clients as peers."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mqttx_tui.demo.broker import Broker, server_tls
from mqttx_tui.model.profile import MqttVersion, Profile, Subscription, TlsOptions
from tests.support.certificates import PASSPHRASE, Certificates
from tests.support.mosquitto import Mosquitto, find

USER, PASSWORD = "explorer", "matrix-password-9917"
TRANSPORTS = ("tcp", "tls", "mutual", "password", "ws", "wss", "unix")
_SCHEME = {
    "tcp": "mqtt",
    "tls": "mqtts",
    "mutual": "mqtts",
    "password": "mqtt",
    "ws": "mqtt+ws",
    "wss": "mqtt+wss",
}


@dataclass
class Listeners:
    """Ports by transport, all of one broker (the peers use ``tcp``)."""

    name: str
    ports: dict[str, int]
    certificates: Certificates
    socket: Path
    stop: Callable[[], None] = field(default=lambda: None)

    def profile(self, transport: str, version: MqttVersion, filters: tuple[Subscription, ...]) -> Profile:
        """A profile that connects by ``transport``."""
        path = "/mqtt" if transport in ("ws", "wss") else ""
        url = f"mqtt+unix://{self.socket}"
        if transport != "unix":
            url = f"{_SCHEME[transport]}://localhost:{self.ports[transport]}{path}"
        mutual = transport == "mutual"
        certificates = self.certificates
        return Profile(
            key=f"{self.name}-{transport}-{version}",
            url=url,
            mqtt=version,
            username=USER if transport == "password" else "",
            password=PASSWORD if transport == "password" else None,
            tls=TlsOptions(
                ca=certificates.ca if transport in ("tls", "mutual", "wss") else "",
                cert=certificates.client_cert if mutual else "",
                key=certificates.client_key_encrypted if mutual else "",
                key_password=PASSPHRASE if mutual else "",
            ),
            subscriptions=filters,
        )

    def client(self, program: str, transport: str, version: str, *arguments: str) -> list[str]:
        """The command line of mosquitto_pub or mosquitto_sub at the broker behind ``transport``.

        mosquitto's clients have no WebSocket here: they take a TCP listener of the same broker, and
        for the unix socket as well.
        """
        path = find(program)
        assert path
        listener = {"ws": "tcp", "wss": "tls", "unix": "tcp"}.get(transport, transport)
        command = [path, "-h", "localhost", "-p", str(self.ports[listener])]
        command += ["-V", "5" if version == "5" else "311"]
        if listener in ("tls", "mutual"):
            command += ["--cafile", self.certificates.ca]
        if listener == "mutual":
            command += ["--cert", self.certificates.client_cert, "--key", self.certificates.client_key]
        if listener == "password":
            command += ["-u", USER, "-P", PASSWORD]
        return [*command, *arguments]


def start_mosquitto(directory: Path, certificates: Certificates) -> Listeners:
    """One mosquitto with every listener (two processes: passwords are a global setting there)."""
    tls = [f"certfile {certificates.server_cert}", f"keyfile {certificates.server_key}"]
    mutual = [*tls, f"cafile {certificates.ca}", "require_certificate true"]
    limits = ["max_queued_messages 0", "max_inflight_messages 0", "message_size_limit 0"]
    (directory / "open").mkdir()
    (directory / "locked").mkdir()
    broker = Mosquitto(
        directory / "open",
        {
            "tcp": [],
            "tls": tls,
            "mutual": mutual,
            "ws": ["protocol websockets"],
            "wss": ["protocol websockets", *tls],
        },
        ["allow_anonymous true", *limits, f"listener 0 {directory / 'socket'}"],
    ).start()
    passwords = directory / "passwords"
    passwords.write_text(f"{USER}:{PASSWORD}\n")
    program = find("mosquitto_passwd")
    assert program
    subprocess.run([program, "-U", str(passwords)], check=True)
    passwords.chmod(0o644)
    directory.chmod(0o755)
    locked = Mosquitto(
        directory / "locked", {"tcp": []}, ["allow_anonymous false", f"password_file {passwords}", *limits]
    )
    locked.start()

    def stop() -> None:
        broker.stop()
        locked.stop()

    ports = {**broker.ports, "password": locked.port}
    return Listeners("mosquitto", ports, certificates, directory / "socket", stop)


def start_embedded(directory: Path, certificates: Certificates) -> Listeners:
    """The embedded broker, once for each kind of listener, in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="embedded brokers", daemon=True)
    thread.start()
    tls = server_tls(certificates.server_cert, certificates.server_key)
    mutual = server_tls(certificates.server_cert, certificates.server_key, certificates.ca)
    brokers = {
        "plain": Broker(path=directory / "socket"),
        "tls": Broker(tls=tls),
        "mutual": Broker(tls=mutual),
        "password": Broker(users={USER: PASSWORD}),
    }

    async def start() -> None:
        for broker in brokers.values():
            await broker.start()

    async def stop() -> None:
        for broker in brokers.values():
            await broker.stop()

    def end() -> None:
        asyncio.run_coroutine_threadsafe(stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()

    asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    ports = {
        "tcp": brokers["plain"].port,
        "ws": brokers["plain"].ws_port,
        "tls": brokers["tls"].port,
        "wss": brokers["tls"].ws_port,
        "mutual": brokers["mutual"].port,
        "password": brokers["password"].port,
    }
    return Listeners("embedded", ports, certificates, directory / "socket", end)
