"""What happens beside the first frame: profiles, engine, the first connections."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from mqttx_tui.model.errors import AppError
from mqttx_tui.model.start import StartOptions
from mqttx_tui.ui.backend import Backend
from mqttx_tui.ui.desk import Desk

if TYPE_CHECKING:
    from mqttx_tui.engine.running import Running
    from mqttx_tui.model.profile import Profile

BESIDE = ("mqttx_tui.capture.reader", "mqttx_tui.profiles.target", "mqttx_tui.ui.profile_book")
"""Loaded in a thread beside the first frame."""


def _load_modules() -> None:
    for name in BESIDE:
        import_module(name)


class Opener(Desk, Protocol):
    """The app, and the form that it opens on when there is no profile."""

    def ask_for_connection(self) -> None:
        """Open the form for a first connection."""

    async def ask_secret(self, label: str, question: str) -> str | None:
        """A secret from the person."""

    async def offer(self, engine: str) -> str:
        """``a`` to attach to the engine so described, ``s`` to stop it, else a new one."""


class Opening:
    """The steps, in order; each tells the person what is wrong and goes on where it can."""

    def __init__(self, app: Opener, options: StartOptions, backend: Backend) -> None:
        self._app = app
        self._options = options
        self._backend = backend
        self._targets: list[Profile] = []
        self._attached = False

    async def read_profiles(self) -> None:
        """The profile file, and what the command line names."""
        if self._options.open_path:
            self._app.workspace.replaying = True
            return
        await asyncio.to_thread(_load_modules)

        from mqttx_tui.profiles.load import load
        from mqttx_tui.profiles.paths import config_path
        from mqttx_tui.profiles.target import profile_for

        try:
            found = load(config_path(str(self._options.config) if self._options.config else None))
        except AppError as error:
            self._app.say("error", error.message)
            return
        workspace = self._app.workspace
        workspace.book.file = found
        for problem in found.problems:
            self._app.say("warning", str(problem))
        extra = []
        for target in self._options.targets:
            try:
                profile = profile_for(target, found, filters=self._options.filters, qos=self._options.qos)
            except AppError as error:
                self._app.say("error", f"{error.title}: {error.message}")
                continue
            self._targets.append(profile)
            if all(profile.key != known.key for known in found.profiles):
                extra.append(profile)
        wanted = {profile.key: profile for profile in self._targets}
        listed = tuple(wanted.get(profile.key, profile) for profile in found.profiles)
        workspace.profiles = (*listed, *extra)
        workspace.problems = found.problems
        workspace.book.changed = lambda profiles: self._profiles_changed(profiles, tuple(extra))
        if not self._options.targets:
            self._targets = [profile for profile in found.profiles if profile.connect]
        workspace.touch()

    def _profiles_changed(self, profiles: tuple[Profile, ...], extra: tuple[Profile, ...]) -> None:
        workspace = self._app.workspace
        workspace.take_profiles((*profiles, *extra), workspace.book.file.problems)

    async def start_engine(self) -> None:
        """The engine that runs already or a new one, or the capture. Raises ``AppError``."""
        workspace, ask = self._app.workspace, self._app.ask_secret
        joined = await self._joined()
        if joined is not None:
            try:
                workspace.engine = await self._backend.attach(joined.address, workspace, ask)
                self._attached = True
            except AppError as error:
                self._app.say("error", f"{joined.label}: {error.message}; a new engine starts")
        if not self._attached:
            workspace.engine = await self._backend.open(workspace, ask)
        workspace.keeps_capture = self._backend.keeps
        workspace.touch()

    async def _joined(self) -> Running | None:
        """The running engine to attach to: as told, or the newest one if the person wants it."""
        options = self._options
        if options.open_path or not (options.attach or options.linger):
            return None
        await asyncio.to_thread(import_module, "mqttx_tui.engine.running")
        from mqttx_tui.engine.running import find, look, stop

        if options.attach:
            return await look(Path(options.attach))
        busy = not options.targets
        found = [one for one in await find() if not one.front_ends or (busy and one.lingers)]
        if not found:
            return None
        if len(found) > 1:
            self._app.say("info", f"{len(found)} captures run in the background: mqttx-tui captures list")
        answer = await self._app.offer(found[0].words())
        if answer == "s":
            await stop(found[0])
        return found[0] if answer == "a" else None

    async def connect(self) -> None:
        """The targets, or the profiles that connect by themselves; else the form."""
        workspace = self._app.workspace
        if workspace.engine is None:
            return
        for profile in self._targets:
            if self._attached and (not self._options.targets or workspace.snapshot_of(profile.key)):
                continue  # the engine has it, or it was taken out there
            self._app.run_task(workspace.engine.connect(profile), f"connect {profile.label}")
        if not workspace.profiles and not workspace.problems and not self._attached:
            self._app.ask_for_connection()
