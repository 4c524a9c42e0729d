"""Fetching one secret: from a variable, a file, a command, the keyring, or the person."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TypeVar

from mqttx_tui.model.errors import Exit, InputError, LinkError
from mqttx_tui.model.profile import SecretRef

T = TypeVar("T")
Ask = Callable[[str, str], Awaitable[str | None]]
"""``await ask(connection label, question)``: a secret from the person, None when they decline."""

COMMAND_TIMEOUT = 60.0
"""Seconds for a command or keyring, which may itself ask the person to unlock something."""
FILE_TIMEOUT = 5.0
MAX_SECRET = 1_048_576


class Fetcher:
    """Fetches the secrets of one profile. ``label`` is the connection as people call it.

    Errors name the connection and the key, and never what was fetched.
    """

    def __init__(self, label: str, ask: Ask | None, environment: Mapping[str, str]) -> None:
        self._label = label
        self._ask = ask
        self._environment = environment

    async def fetch(self, ref: SecretRef, key: str) -> str:
        """The secret. Raises ``InputError`` where trying again is no use, else ``LinkError``."""
        if ref.kind == "env":
            return self._from_environment(ref.argument, key)
        if ref.kind == "file":
            return await self._from_file(ref.argument, key)
        if ref.kind == "command":
            return await self._from_command(ref.argument, key)
        if ref.kind == "keyring":
            return await self._from_keyring(ref.argument, key)
        return await self._from_person(ref.argument, key)

    def problem(self, key: str, text: str, hint: str = "") -> InputError:
        """An error that trying again does not mend."""
        return InputError(f"{self._label}: {key}: {text}", title="Secret missing", hint=hint)

    def _failed(self, key: str, text: str, hint: str = "", *, retry: bool = True) -> LinkError:
        return LinkError(
            f"{self._label}: {key}: {text}",
            stage="name",
            title="Secret missing",
            hint=hint,
            retry=retry,
            exit_code=Exit.BAD_INPUT,
        )

    def _from_environment(self, name: str, key: str) -> str:
        found = self._environment.get(name)
        if found is None:
            raise self.problem(key, f"the variable {name} is not set", f"export {name}=… before starting")
        return found

    async def _from_file(self, name: str, key: str) -> str:
        path = Path(name).expanduser()
        try:
            raw = await in_thread(lambda: _read(path), FILE_TIMEOUT)
        except TimeoutError:
            raise self._failed(key, f"reading {name} took over {FILE_TIMEOUT:g} s") from None
        except OSError as error:
            hint = "the path is relative to where the program was started" if not path.is_absolute() else ""
            raise self._failed(key, f"{name}: {error.strerror or 'cannot be read'}", hint) from None
        return self._text(raw, key, name)

    async def _from_command(self, command: str, key: str) -> str:
        """The first line that the command prints: ``pass`` and its like print notes below it."""
        hint = f"try it by hand: {command}"
        process = await asyncio.create_subprocess_shell(
            command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=sys.platform != "win32",
        )
        try:
            output, _ = await asyncio.wait_for(process.communicate(), COMMAND_TIMEOUT)
        except TimeoutError:
            raise self._failed(key, f"the command took over {COMMAND_TIMEOUT:g} s", hint) from None
        finally:
            if process.returncode is None:
                _end(process)
                await process.wait()
        if process.returncode == 127:
            raise self._failed(key, "the command was not found", hint, retry=False)
        if process.returncode:
            raise self._failed(key, f"the command ended with code {process.returncode}", hint)
        if not output.strip():
            raise self._failed(key, "the command printed nothing", hint)
        first_line = output.lstrip(b"\r\n").partition(b"\n")[0]
        return self._text(first_line, key, "the command's output")

    async def _from_keyring(self, entry: str, key: str) -> str:
        service, _, user = entry.rpartition("/")
        if not service or not user:
            raise self.problem(key, f"{entry!r} is no keyring entry", 'write "SERVICE/USER"')
        try:
            found = await in_thread(lambda: _from_keyring(service, user), COMMAND_TIMEOUT)
        except ModuleNotFoundError:
            raise self.problem(
                key, "reading a keyring needs an extra", "install it: pip install 'mqttx-tui[keyring]'"
            ) from None
        except TimeoutError:
            raise self._failed(key, f"the keyring took over {COMMAND_TIMEOUT:g} s") from None
        except Exception as error:  # backends raise errors of their own, of any type
            raise self._failed(
                key, f"the keyring failed ({type(error).__name__})", f"try: keyring get {service} {user}"
            ) from None
        if found is None:
            raise self.problem(
                key, f"the keyring has no {entry!r}", f"store it: keyring set {service} {user}"
            )
        return found

    async def _from_person(self, question: str, key: str) -> str:
        if self._ask is None:
            raise self.problem(key, "nobody can be asked here", "use env, file or command instead of prompt")
        found = await self._ask(self._label, question or f"{key} of {self._label}")
        if found is None:
            raise self._failed(key, "not given", "connect again to be asked again", retry=False)
        return found

    def _text(self, raw: bytes, key: str, source: str) -> str:
        if len(raw) > MAX_SECRET:
            raise self.problem(key, f"{source} is longer than 1 MiB")
        try:
            found = raw.decode()
        except UnicodeDecodeError:
            raise self.problem(key, f"{source} is not UTF-8") from None
        return found.removesuffix("\n").removesuffix("\r")


async def in_thread(function: Callable[[], T], timeout: float) -> T:
    """Run ``function`` in a thread of its own; raises ``TimeoutError``.

    A daemon thread, not the loop's executor: one that hangs in a dead file system must not keep
    the program from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def deliver(setter: Callable[[], None]) -> None:
        if not future.done():
            setter()

    def run() -> None:
        try:
            result = function()
        except BaseException as error:
            failure = error
            setter: Callable[[], None] = lambda: future.set_exception(failure)  # noqa: E731
        else:
            setter = lambda: future.set_result(result)  # noqa: E731
        with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(deliver, setter)

    threading.Thread(target=run, name="secret", daemon=True).start()
    return await asyncio.wait_for(future, timeout)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_SECRET + 1)


def _from_keyring(service: str, user: str) -> str | None:
    import keyring

    found = keyring.get_password(service, user)
    return None if found is None else str(found)


def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the command and what it started."""
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
