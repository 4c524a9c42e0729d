"""Small servers that misbehave in one known way."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Conversation = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def talking(conversation: Conversation, context: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A TCP or TLS server on 127.0.0.1 with one conversation for each connection; yields its port."""
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            await conversation(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            running.discard(task)

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    # A handshake that the client breaks off is no error of the test.
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(_ignore_broken_handshakes)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await server.wait_closed()


def _ignore_broken_handshakes(loop: asyncio.AbstractEventLoop, details: dict[str, object]) -> None:
    if not isinstance(details.get("exception"), ssl.SSLError | ConnectionError):
        loop.default_exception_handler(details)


@asynccontextmanager
async def strict_tls(context: ssl.SSLContext) -> AsyncIterator[int]:
    """A TLS server that sends its alerts, as brokers do (asyncio's server drops them)."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as stream:
                    while stream.recv(65_536):
                        pass
            except OSError:
                connection.close()

    thread = threading.Thread(target=serve, name="strict TLS server", daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        await asyncio.to_thread(thread.join, 5)


def saying(answer: bytes) -> Conversation:
    """Read once, answer, and close."""

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        writer.write(answer)
        await writer.drain()

    return conversation


def http(status: str, *headers: str, body: bytes = b"") -> Conversation:
    """Answer one HTTP request, and leave the connection open as web servers do."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""])

    async def conversation(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)
        await reader.read()

    return conversation


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept and never answer."""
    while await reader.read(65_536):
        pass


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """A port whose queue of connections is full: further ones are never answered."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = int(listener.getsockname()[1])
        fillers = [socket.socket() for _ in range(3)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            yield port
        finally:
            for filler in fillers:
                filler.close()


def server_context(cert: str, key: str, *, client_ca: str = "") -> ssl.SSLContext:
    """A server's TLS context; with ``client_ca`` it wants a client certificate of that authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(client_ca)
    return context
