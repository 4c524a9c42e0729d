"""What a person asks of an open connection: waiting for the answer, and what is said when none comes."""

from __future__ import annotations

import asyncio

from mqttx_tui.model.errors import LinkError

PING_SECONDS = 5.0
"""How long the answer to a ping by hand may take."""

AUTH_SECONDS = 30.0
"""How long an authentication may: SCRAM is seconds of work where a broker asks for them, on both sides."""


async def answer(
    answered: asyncio.Future[float | None], label: str, what: str, seconds: float = PING_SECONDS
) -> float:
    """The round trip in ms; ``what`` is what answers (pong, PINGRESP, AUTH). Raises ``LinkError``."""
    done, _ = await asyncio.wait([answered], timeout=seconds)
    if not done:
        raise LinkError(
            f"no {what} from {label} within {seconds:g} s",
            stage="link",
            title="No answer",
            hint="the connection may be dead, or the answer waits behind other data",
        )
    milliseconds = answered.result()
    if milliseconds is None:
        raise LinkError(f"{label} was lost before the {what} came", stage="link", title="No answer")
    return milliseconds


def not_pinged(label: str, what: str = "ping") -> LinkError:
    """The refusal while there is no connection."""
    return LinkError(
        f"{label} is not connected: no {what} was sent",
        stage="link",
        title="Not connected",
        hint="connect it first",
    )
