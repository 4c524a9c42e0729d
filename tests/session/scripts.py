"""What scripted brokers do, and what tests ask afterwards, in more than one module."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mqttx_tui.session.base import Delivery, Fate
from mqttx_tui.wire.packets import Connack, Connect, Publish, Subscribe
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


def published(peer: Peer) -> list[Publish]:
    return [packet for packet in peer.seen if isinstance(packet, Publish)]


async def fate(delivery: Delivery) -> Fate:
    return await asyncio.wait_for(delivery.done, 5)
