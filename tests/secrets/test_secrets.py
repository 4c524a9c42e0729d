"""The secrets that these tests use are in no byte of capture, log, control message or process list."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from mqttx_tui.engine.client import EngineClient
from mqttx_tui.model.jsonable import to_json
from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, Subscription, TlsOptions
from mqttx_tui.model.state import Phase
from tests.engine.fakes import Told
from tests.secrets.tapped import tapped
from tests.support.certificates import PASSPHRASE, Certificates
from tests.support.mosquitto import Mosquitto, find
from tests.support.wait import eventually

pytestmark = pytest.mark.mosquitto
LITERAL = "literal-pw-5521"
FROM_ENV = "env-pw-8832"
FROM_FILE = "file-pw-1193"
FROM_COMMAND = "command-pw-6644"
PROMPTED = "prompted-pw-7755"
WRONG = "wrong-pw-4410"
BEARER = "bearer-token-90817"
COOKIE = "cookie-value-33127"
QUERY = "query-token-71623"
LOGIN = "login-frame-token-20934"
SECRETS = (
    LITERAL,
    FROM_ENV,
    FROM_FILE,
    FROM_COMMAND,
    PROMPTED,
    WRONG,
    BEARER,
    COOKIE,
    QUERY,
    LOGIN,
    PASSPHRASE,
)
USERS = {"literal": LITERAL, "env": FROM_ENV, "file": FROM_FILE, "command": FROM_COMMAND, "prompt": PROMPTED}


@pytest.fixture
def broker(need_mosquitto: None, tmp_path: Path, certificates: Certificates) -> Iterator[Mosquitto]:
    directory = tmp_path / "broker"
    directory.mkdir()
    passwords = directory / "passwords"
    passwords.write_text("".join(f"{user}:{password}\n" for user, password in USERS.items()))
    program = find("mosquitto_passwd")
    assert program
    subprocess.run([program, "-U", str(passwords)], check=True)
    mutual = [
        f"certfile {certificates.server_cert}",
        f"keyfile {certificates.server_key}",
        f"cafile {certificates.ca}",
        "require_certificate true",
    ]
    running = Mosquitto(
        directory, {"tcp": [], "mutual": mutual}, ["allow_anonymous false", f"password_file {passwords}"]
    )
    running.start()
    yield running
    running.stop()


@asynccontextmanager
async def guarded_socket() -> AsyncIterator[tuple[int, list[str]]]:
    """A WebSocket server that wants the token, and echoes nothing of it."""
    heard: list[str] = []

    def process(connection: ServerConnection, request: Request) -> Response | None:
        good = request.headers.get("Authorization") == f"Bearer {BEARER}" and QUERY in request.path
        return None if good else Response(401, "Unauthorized", Headers({"Content-Length": "0"}))

    async def handle(connection: ServerConnection) -> None:
        await connection.send('{"type": "auth_required"}')
        async for message in connection:
            heard.append(str(message))
            await connection.send('{"type": "auth_ok"}')

    async with serve(handle, "127.0.0.1", 0, process_request=process) as server:
        yield next(iter(server.sockets)).getsockname()[1], heard


def profiles(broker: Mosquitto, socket_port: int, certificates: Certificates, file: Path) -> list[Profile]:
    url = f"mqtt://localhost:{broker.port}"
    sources: dict[str, str | SecretRef] = {
        "literal": LITERAL,
        "env": SecretRef("env", "MQTTX_TUI_TEST_SECRET"),
        "file": SecretRef("file", str(file)),
        "command": SecretRef("command", f"cat {file}-for-command"),
        "prompt": SecretRef("prompt", "password"),
    }
    subscriptions = (Subscription("t/#", 1),)
    made = [
        Profile(key=user, url=url, username=user, password=source, subscriptions=subscriptions)
        for user, source in sources.items()
    ]
    made.append(Profile(key="in-url", url=f"mqtt://literal:{LITERAL}@localhost:{broker.port}"))
    made.append(Profile(key="wrong", url=url, username="literal", password=WRONG))
    tls = TlsOptions(
        ca=certificates.ca,
        cert=certificates.client_cert,
        key=certificates.client_key_encrypted,
        key_password=PASSPHRASE,
    )
    mutual = f"mqtts://localhost:{broker.ports['mutual']}"
    made.append(Profile(key="mutual", url=mutual, username="literal", password=LITERAL, tls=tls))
    login = SavedMessage(
        "login", payload=f'{{"token": "{LOGIN}"}}', when='.type == "auth_required"', secret=True
    )
    made.append(
        Profile(
            key="socket",
            url=f"ws://localhost:{socket_port}/x?token={QUERY}",
            protocol="websocket",
            headers=(("Authorization", f"Bearer {BEARER}"), ("Cookie", f"session={COOKIE}")),
            messages=(login,),
        )
    )
    return made


async def test_no_secret_anywhere(
    broker: Mosquitto, certificates: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "run"
    place.mkdir(mode=0o700)
    for name in ("TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "HOME"):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setattr("tempfile.tempdir", str(place))
    monkeypatch.setenv("MQTTX_TUI_TEST_SECRET", FROM_ENV)
    file = tmp_path / "secret-file"
    file.write_text(FROM_FILE + "\n")
    Path(f"{file}-for-command").write_text(FROM_COMMAND)
    told, owner_told = Told(), Told()

    async def answer(label: str, question: str) -> str | None:
        return PROMPTED

    owner = EngineClient(owner_told, answer)
    await owner.start()
    try:
        async with guarded_socket() as (port, heard), tapped(owner.address, tmp_path) as (address, tap):
            client = EngineClient(told, answer)
            await client.attach(address)
            wanted = {p.key: await client.connect(p) for p in profiles(broker, port, certificates, file)}
            for key, number in wanted.items():
                phase = Phase.FAILED if key == "wrong" else Phase.CONNECTED

                def reached(number: int = number, phase: Phase = phase) -> bool:
                    state = told.newest(number)
                    return state is not None and state.phase is phase

                try:
                    await eventually(reached, f"{key} is {phase}")
                except AssertionError:
                    raise AssertionError(f"{key} is not {phase}: {told.newest(number)}") from None
            await eventually(lambda: heard, "the login frame")
            assert LOGIN in heard[0]
            saved = tmp_path / "saved.db"
            await client.save(str(saved))
            processes = " ".join(" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"]))
            kept = {path: path.read_bytes() for path in [*place.rglob("*"), saved] if path.is_file()}
            assert any(path.suffix in (".db", ".mqttx") or "capture" in path.name for path in kept)
            shown = repr(told) + repr(owner_told) + str([to_json(state) for state in told.states])
            await client.leave()
    finally:
        await owner.shutdown()
    places = {str(path): data for path, data in kept.items()}
    places["control messages"] = tap.bytes_without_answers()
    places["process list"] = processes.encode()
    places["states and notices"] = shown.encode()
    found = [
        (secret, place) for secret in SECRETS for place, data in places.items() if secret.encode() in data
    ]
    assert not found
    assert len(tap.frames) > 20
    await asyncio.sleep(0)
