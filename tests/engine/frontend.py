"""A front end as a process of its own: starts an engine, says its pid, and waits to be killed.

``python -m tests.engine.frontend URL LINGER [NAME]``
"""

from __future__ import annotations

import asyncio
import sys

from mqttx_tui.engine.client import EngineClient
from mqttx_tui.model.profile import Profile, Subscription
from tests.engine.fakes import Told, no_answer
from tests.support.wait import eventually

NAME = sys.argv[3] if len(sys.argv) > 3 else "lab"


async def main() -> None:
    told = Told()
    client = EngineClient(told, no_answer, linger=float(sys.argv[2]))
    await client.start()
    await client.connect(Profile(NAME, sys.argv[1], subscriptions=(Subscription("#"),)))
    await eventually(lambda: any(state.connected_at for state in told.states))
    print(client.pid, client.address.path, client.capture_path, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
