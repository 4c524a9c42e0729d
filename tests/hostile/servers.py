"""Real servers that say hostile things in every place where a server can say something."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from websockets.asyncio.server import ServerConnection

from mqttx_tui.wire.packets import (
    V5,
    Connack,
    Connect,
    Disconnect,
    Puback,
    Publish,
    Suback,
    Subscribe,
)
from tests.hostile.texts import LONG_TOPICS, NAME, NASTY, PAYLOADS
from tests.support.scripted import Peer, PeerGoneError, ScriptedBroker
from tests.support.servers import saying, talking
from tests.support.websockets import serving

REFUSED = 0x87
REFUSED_BEFORE_5 = 5
MOVED = 0x9D
PROPERTIES = {
    "content_type": NAME,
    "response_topic": NAME,
    "correlation_data": NAME.encode(),
    "user": ((NAME, NAME),),
}
FRAMES = {**NASTY, "nul": "\x00\x1b]0;STOLEN\x07", "surrogate": "\ud800\x1b[31337m"}
"""What ``topic_from`` finds in frames: any text at all, NUL and lone surrogates included."""


def publishes() -> list[Publish]:
    """What the broker sends to every subscriber."""
    found = [Publish(text, text.encode(), properties=PROPERTIES) for text in NASTY.values()]
    found += [Publish(f"payload/{name}", data, retain=True) for name, data in PAYLOADS.items()]
    found += [Publish(topic, name.encode()) for name, topic in LONG_TOPICS.items()]
    found.append(Publish(NAME, NAME.encode(), qos=1, packet_id=7, retain=True, properties=PROPERTIES))
    return found


async def talkative(peer: Peer) -> None:
    """Grants the first subscription and sends everything; refuses the others and every publish."""
    told = {"reason_string": NAME, "user": ((NAME, NAME),)}
    connect = await peer.expect(Connect)
    if connect.version < V5:  # where nothing can be told
        peer.send(Connack(REFUSED_BEFORE_5))
        return
    peer.send(Connack(properties={**told, "assigned_client_identifier": NAME}))
    granted = False
    while True:
        packet = await peer.next()
        if isinstance(packet, Subscribe):
            reasons = tuple(REFUSED if granted else one.qos for one in packet.subscriptions)
            peer.send(Suback(packet.packet_id, reasons, told))
            if not granted:
                for publish in publishes():
                    peer.send(publish)
            granted = True
        elif isinstance(packet, Publish) and packet.qos:
            peer.send(Puback(packet.packet_id, REFUSED, told))


async def refusing(peer: Peer) -> None:
    """CONNACK with a reason, and a reason string."""
    await peer.accept(Connack(REFUSED, properties={"reason_string": NAME}))
    await _rest(peer)


async def moving(peer: Peer) -> None:
    """DISCONNECT with a reason string and a server reference."""
    await peer.accept()
    peer.send(Disconnect(MOVED, {"reason_string": NAME, "server_reference": NAME}))
    await _rest(peer)


async def _rest(peer: Peer) -> None:
    try:
        await peer.serve()
    except PeerGoneError:
        pass


async def _frames(connection: ServerConnection) -> None:
    for text in FRAMES.values():
        escaped = "".join(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else char for char in text)
        await connection.send(f'{{"type": "{escaped}", "value": "{escaped}"}}')
    await connection.send(NAME)
    await connection.send(NAME.encode())
    await connection.wait_closed()


async def _closing(connection: ServerConnection) -> None:
    await connection.close(4000, NAME)


@asynccontextmanager
async def _all() -> AsyncIterator[dict[str, str]]:
    status = b"HTTP/1.1 403 \xc2\x9b31337m" + "\u202e".encode() + b"\x9b[/]\r\nContent-Length: 0\r\n\r\n"
    escape = b"HTTP/1.1 403 \x1b[31337m[/]\r\nContent-Length: 0\r\n\r\n"
    async with AsyncExitStack() as stack:
        urls = {}
        for name, script in (("talkative", talkative), ("refusing", refusing), ("moving", moving)):
            urls[name] = (await stack.enter_async_context(ScriptedBroker(script))).url
        for name, handler in (("frames", _frames), ("closing", _closing)):
            urls[name] = str((await stack.enter_async_context(serving(handler))).url)
        for name, answer in (("status", status), ("escape", escape)):
            urls[name] = f"ws://127.0.0.1:{await stack.enter_async_context(talking(saying(answer)))}/"
        garbage = await stack.enter_async_context(talking(saying(NAME.encode() + b"\r\n")))
        urls["garbage"] = f"mqtt://127.0.0.1:{garbage}"
        yield urls


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """All of them, in a thread of their own; yields their URLs by name."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="hostile servers", daemon=True)
    thread.start()
    everything = _all()

    def wait(work: object) -> object:
        return asyncio.run_coroutine_threadsafe(work, loop).result(20)  # type: ignore[arg-type]

    urls = wait(everything.__aenter__())
    try:
        assert isinstance(urls, dict)
        yield urls
    finally:
        wait(everything.__aexit__(None, None, None))
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
