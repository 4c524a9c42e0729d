"""Secrets and placeholders at the moment of connecting."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import types
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqttx_tui.model.errors import AppError, InputError, LinkError
from mqttx_tui.model.profile import Profile, SavedMessage, SecretRef, TlsOptions, Will
from mqttx_tui.profiles import fetch
from mqttx_tui.profiles.placeholders import escape, fill
from mqttx_tui.profiles.secrets import resolve
from tests.support.wait import eventually, until

SECRET = "hunter2-4471"
PROFILE = Profile("lab", "mqtt://h")


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("${A}", "1"),
        ("x${A}y${A}", "x1y1"),
        ("${B:-two}", "two"),
        ("${EMPTY:-two}", "two"),
        ("${EMPTY}", ""),
        ("${B:-}", ""),
        ("$${A}", "${A}"),
        ("$$${A}", "$${A}"),
        ("a${b", "a${b"),
        ("pa$$", "pa$$"),
        ("$A", "$A"),
        ("${1x}", "${1x}"),
        ("{{ value_json.t }}", "{{ value_json.t }}"),
        ("${B:-a:-b}", "a:-b"),
    ],
)
def test_placeholders(text: str, filled: str) -> None:
    assert fill(text, {"A": "1", "EMPTY": ""}) == filled


@given(st.text(alphabet="${}:-A a"))
def test_escaped_text_stays(text: str) -> None:
    assert fill(escape(text), {}) == text


async def test_every_connection_string_is_filled_in() -> None:
    profile = Profile(
        "lab",
        "mqtts://${H}:${P:-8883}",
        username="${U}",
        password="${S}!",
        client_id="${U}-{random}",
        tls=TlsOptions(ca="${D}/ca.pem", key_password="${S}"),
        headers=(("X-Site", "${U}"),),
        origin="https://${H}",
        will=Will("${U}/state", "${S}"),
        messages=(
            SavedMessage("plain", "a", payload="${U} {{ x }}"),
            SavedMessage("template", "${U}/a", payload="${U} {{ x }}", template=True),
            SavedMessage("later", "a", payload="${UNSET}", template=True),
        ),
    )
    environment = {"H": "broker", "U": "me", "S": SECRET, "D": "/pki"}
    resolved = await resolve(profile, None, environment)
    found = resolved.profile
    assert found.url == "mqtts://broker:8883"
    assert (found.username, found.password) == ("me", SECRET + "!")
    assert found.client_id.startswith("me-")
    assert found.client_id == (await resolve(profile, None, environment)).profile.client_id
    assert (found.tls.ca, found.tls.key_password) == ("/pki/ca.pem", SECRET)
    assert found.headers == (("X-Site", "me"),)
    assert found.origin == "https://broker"
    assert found.will == Will("me/state", "${S}")
    assert [message.payload for message in found.messages] == ["${U} {{ x }}", "me {{ x }}", "${UNSET}"]
    assert found.messages[1].topic == "me/a"
    assert set(resolved.secrets) == {SECRET, SECRET + "!"}


async def test_random_tails_differ_between_profiles() -> None:
    one = await resolve(replace(PROFILE, client_id="a-{random}"), None)
    two = await resolve(replace(PROFILE, key="b", client_id="a-{random}"), None)
    assert one.profile.client_id != two.profile.client_id


async def test_what_counts_as_a_secret() -> None:
    profile = Profile(
        "lab",
        "wss://u%40x:p%20w@h/p?token=a%2Bb&plain",
        protocol="websocket",
        password="pw",
        headers=(
            ("Authorization", "Bearer tok"),
            ("Cookie", "sid=1"),
            ("X-Api-Key", SecretRef("env", "K")),
            ("Accept", "json"),
        ),
        messages=(
            SavedMessage("login", payload="secret frame", secret=True),
            SavedMessage("b", payload="open"),
        ),
    )
    secrets = set((await resolve(profile, None, {"K": "key"})).secrets)
    assert secrets >= {"u@x", "u%40x", "p w", "p%20w", "a%2Bb", "a+b", "plain", "pw", "key"}
    assert secrets >= {"Bearer tok", "tok", "sid=1", "secret frame"}
    assert not secrets & {"json", "open", ""}


async def test_env_file_command_prompt(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text(f"{SECRET}\r\n")
    asked: list[tuple[str, str]] = []

    async def ask(label: str, question: str) -> str | None:
        asked.append((label, question))
        return "answer"

    async def password(ref: SecretRef) -> str | None:
        profile = replace(PROFILE, name="The lab", password=ref)
        found = (await resolve(profile, ask, {"V": SECRET})).profile.password
        assert not isinstance(found, SecretRef)
        return found

    assert await password(SecretRef("env", "V")) == SECRET
    assert await password(SecretRef("file", str(tmp_path / "pw"))) == SECRET
    assert await password(SecretRef("command", f"printf '%s\\nuser: me\\n' {SECRET}")) == SECRET
    assert await password(SecretRef("command", f"echo {SECRET} | tr h H")) == SECRET.replace("h", "H")
    assert await password(SecretRef("prompt")) == "answer"
    assert await password(SecretRef("prompt", "PIN?")) == "answer"
    assert asked == [("The lab", "password of The lab"), ("The lab", "PIN?")]


async def test_secrets_are_read_at_every_attempt(tmp_path: Path) -> None:
    file = tmp_path / "token"
    profile = replace(PROFILE, password=SecretRef("file", str(file)))
    for value in ("one", "two"):
        file.write_text(value)
        assert (await resolve(profile, None)).profile.password == value


async def test_url_from_a_command() -> None:
    url = "wss://host/mqtt?X-Amz-Signature=abc"
    profile = Profile("aws", SecretRef("command", f"echo '{url}'"))
    resolved = await resolve(profile, None)
    assert resolved.profile.url == url
    assert "abc" in resolved.secrets
    with pytest.raises(InputError, match="what was fetched is no url") as caught:
        await resolve(replace(profile, url=SecretRef("command", f"echo {SECRET}")), None)
    assert SECRET not in _everything(caught.value)


async def decline(label: str, question: str) -> str | None:
    return None


@pytest.mark.parametrize(
    ("ref", "kind", "said"),
    [
        (SecretRef("env", "NOT_SET_4711"), InputError, "lab: password: the variable NOT_SET_4711 is not set"),
        (SecretRef("file", "/nowhere/pw"), LinkError, "lab: password: /nowhere/pw: No such file"),
        (
            SecretRef("command", f"echo {SECRET} >&2; exit 3"),
            LinkError,
            "lab: password: the command ended with code 3",
        ),
        (SecretRef("command", "no-such-command-4711"), LinkError, "lab: password: the command was not found"),
        (SecretRef("command", "true"), LinkError, "lab: password: the command printed nothing"),
        (
            SecretRef("command", "printf '\\377'"),
            InputError,
            "lab: password: the command's output is not UTF-8",
        ),
        (SecretRef("prompt"), LinkError, "lab: password: not given"),
        (SecretRef("keyring", "noslash"), InputError, "lab: password: 'noslash' is no keyring entry"),
    ],
)
async def test_failures_name_connection_and_key(ref: SecretRef, kind: type[AppError], said: str) -> None:
    with pytest.raises(kind) as caught:
        await resolve(replace(PROFILE, password=ref), decline)
    assert caught.value.message.startswith(said)
    assert SECRET not in caught.value.message


async def test_a_person_who_declines_is_not_asked_for_ever() -> None:
    with pytest.raises(LinkError) as caught:
        await resolve(replace(PROFILE, password=SecretRef("prompt")), decline)
    assert not caught.value.retry
    with pytest.raises(InputError, match="nobody can be asked"):
        await resolve(replace(PROFILE, password=SecretRef("prompt")), None)


async def test_unset_variable_in_a_string() -> None:
    with pytest.raises(InputError, match=r"lab: url: the variable NOPE is not set") as caught:
        await resolve(replace(PROFILE, url="mqtt://${NOPE}"), None, {})
    assert "${NOPE:-default}" in caught.value.hint
    login = SavedMessage("login", payload="${NOPE}", template=True, when="connected")
    with pytest.raises(InputError, match=r"lab: message 'login': the variable NOPE"):
        await resolve(replace(PROFILE, messages=(login,)), None, {})


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
async def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fetch, "COMMAND_TIMEOUT", 0.3)
    child = tmp_path / "child"
    profile = replace(PROFILE, password=SecretRef("command", f"sleep 60 & echo $! > {child}; wait"))
    with pytest.raises(LinkError, match="took over"):
        await resolve(profile, None)
    _assert_gone(int(child.read_text()))


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
async def test_cancelling_ends_the_command(tmp_path: Path) -> None:
    child = tmp_path / "child"
    profile = replace(PROFILE, password=SecretRef("command", f"sleep 60 & echo $! > {child}; wait"))
    task = asyncio.create_task(resolve(profile, None))
    await eventually(lambda: child.exists() and child.read_text().endswith("\n"), "the command started")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    _assert_gone(int(child.read_text()))


def _assert_gone(pid: int) -> None:
    def gone() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return True

    until(gone, "the command's child ended")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes in the file system")
async def test_a_file_that_never_answers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A FIFO without a writer blocks open(); the loop goes on and the attempt ends."""
    monkeypatch.setattr(fetch, "FILE_TIMEOUT", 0.2)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0.01)

    ticker = asyncio.create_task(tick())
    begun = time.monotonic()
    with pytest.raises(LinkError, match=r"took over 0\.2 s"):
        await resolve(replace(PROFILE, password=SecretRef("file", str(pipe))), None)
    assert time.monotonic() - begun < 5
    assert ticks > 3
    ticker.cancel()
    with open(pipe, "wb"):
        pass


async def test_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    profile = replace(PROFILE, password=SecretRef("keyring", "mqttx-tui/my/home"))
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(InputError) as caught:
        await resolve(profile, None)
    assert "mqttx-tui[keyring]" in caught.value.hint
    fake = types.ModuleType("keyring")
    entries = {("mqttx-tui/my", "home"): SECRET}
    fake.get_password = lambda service, user: entries.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", fake)
    resolved = await resolve(profile, None)
    assert (resolved.profile.password, resolved.secrets) == (SECRET, (SECRET,))
    entries.clear()
    with pytest.raises(InputError, match="the keyring has no"):
        await resolve(profile, None)


async def test_repr_shows_no_secret() -> None:
    profile = replace(
        PROFILE,
        url=f"mqtt://u:{SECRET}@h",
        password=SECRET,
        headers=(("Authorization", SECRET),),
        tls=TlsOptions(key_password=SECRET),
        messages=(SavedMessage("a", "a", payload=SECRET),),
    )
    assert SECRET not in repr(await resolve(profile, None))


def _everything(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error))
