"""Records every byte a node sends where TLS ends: a forwarder with its own TLS key in front of the coordinator's front.

One port per node. What flows back to the node is forwarded and not kept. The certificate is issued by the demo's own
coordinator authority, so the node trusts it as it would trust the real front.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Mapping
from pathlib import Path

_CHUNK = 262_144


class Recorder:
    """A running forwarder. Each connection's outgoing bytes go to a file of their own under `directory/<node>/`."""

    def __init__(self, directory: Path, target_port: int, authority: Path, certificate: tuple[Path, Path]) -> None:
        self._directory = directory
        self._target_port = target_port
        self._server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._server_context.load_cert_chain(*certificate)
        self._client_context = ssl.create_default_context(cafile=str(authority))
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="recorder")
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, ports: Mapping[str, int]) -> None:
        """Each node's port is listened on."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(ports), self._loop).result(timeout=10)

    def stop(self) -> None:
        """No port is listened on and every file is complete."""
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)

    async def _listen(self, ports: Mapping[str, int]) -> None:
        self._servers = [await self._listen_for(node, port) for node, port in ports.items()]

    async def _listen_for(self, node: str, port: int) -> asyncio.Server:
        (self._directory / node).mkdir(parents=True, exist_ok=True)

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            await self._carry(node, reader, writer)

        return await asyncio.start_server(connected, "127.0.0.1", port, ssl=self._server_context, limit=_CHUNK)

    async def _carry(self, node: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        path = self._directory / node / f"{self._count:06d}.http"
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target_port, ssl=self._client_context)
        except OSError:
            writer.close()
            return
        with path.open("wb") as file:
            outgoing = asyncio.create_task(_pump(reader, back, file))
            incoming = asyncio.create_task(_pump(there, writer, None))
            try:
                await asyncio.wait({outgoing, incoming}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (outgoing, incoming):
                    task.cancel()
                await asyncio.gather(outgoing, incoming, return_exceptions=True)
                writer.close()
                back.close()

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, file: object | None) -> None:
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while chunk := await reader.read(_CHUNK):
            if file is not None:
                file.write(chunk)  # type: ignore[attr-defined]  # a binary file
            writer.write(chunk)
            await writer.drain()
