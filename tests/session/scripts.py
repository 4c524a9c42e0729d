"""What scripted brokers do in more than one module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mqttx_tui.wire.packets import Connack, Connect, Subscribe
from tests.support.scripted import Peer


async def serve(peer: Peer) -> None:
    await peer.accept()
    await peer.serve()


def answering(connack: Connack) -> Callable[[Peer], Any]:
    async def script(peer: Peer) -> None:
        await peer.accept(connack)
        await peer.serve()

    return script


async def close_at_once(peer: Peer) -> None:
    await peer.expect(Connect)
    peer.close()


async def accept_and_close(peer: Peer) -> None:
    await peer.accept()
    await peer.expect(Subscribe)
    peer.close()
