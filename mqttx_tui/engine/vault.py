"""What the engine was told about one connection's secrets, for as long as the connection lives."""

from __future__ import annotations

from mqttx_tui.engine.api import Ask
from mqttx_tui.engine.literals import PROMPT, restore
from mqttx_tui.model.errors import Exit, LinkError
from mqttx_tui.model.profile import Profile, Resolved


class Vault:
    """Fills a profile in at every attempt: env, file, command and keyring are fetched anew, answers
    of people and text that the front end holds are asked for once and remembered."""

    def __init__(self, profile: Profile, literals: tuple[str, ...], ask: Ask) -> None:
        self._profile = profile
        self.wanted = literals
        self._ask = ask
        self._literals: dict[str, str] = {}
        self._answers: dict[tuple[str, int], str] = {}
        self._asked: list[str] = []
        self.secrets: tuple[str, ...] = ()

    async def profile(self) -> Profile:
        """The profile as written, with the text that did not travel."""
        for name in self.wanted:
            if name not in self._literals:
                text = await self._ask(self._profile.key, PROMPT + name)
                if text is None:
                    raise _declined(name)
                self._literals[name] = text
        return restore(self._profile, self._literals)

    async def resolve(self) -> Resolved:
        """The profile for one attempt. Raises ``AppError`` where something cannot be fetched."""
        from mqttx_tui.profiles.secrets import resolve  # loads nothing before it is needed

        self._asked.clear()
        resolved = await resolve(await self.profile(), self._answer)
        known = dict.fromkeys((*self.secrets, *resolved.secrets))
        self.secrets = tuple(secret for secret in known if secret)
        return resolved

    async def _answer(self, label: str, question: str) -> str | None:
        self._asked.append(question)
        place = question, self._asked.count(question)  # two secrets may ask with the same words
        if place not in self._answers:
            text = await self._ask(label, question)
            if text is None:
                return None
            self._answers[place] = text
        return self._answers[place]

    def forget_literals(self) -> None:
        """Ask the front end again at the next attempt."""
        self._literals.clear()

    def inherit(self, other: Vault) -> None:
        """Take over the answers of the connection's former life: they were accepted there."""
        self._answers |= other._answers


def _declined(name: str) -> LinkError:
    return LinkError(
        f"{name} was not given",
        stage="name",
        title="A secret is missing",
        retry=False,
        exit_code=Exit.NOT_AUTHORISED,
    )
