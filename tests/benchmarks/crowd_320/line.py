"""One reader's line to the node: a bare socket that stays open, and is opened again when the node closed it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(slots=True)
class Line:
    """Asks one thing at a time. Every request here can be sent twice, so one that got no answer is."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    opened: Streams | None = None

    async def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, Any, str]:
        """Status, JSON and cookie of the answer. Raises: ConnectionError when two lines in a row gave none."""
        payload = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in {**self.headers, **(headers or {})}.items())
        request = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}Content-Type: application/json\r\n"
            f"Content-Length: {len(payload)}\r\n\r\n"
        ).encode() + payload
        try:
            return await self._sent(request)
        except (ConnectionError, asyncio.IncompleteReadError):
            self.close()
        try:
            return await self._sent(request)
        except asyncio.IncompleteReadError:
            raise ConnectionError("no answer on two lines in a row") from None

    def close(self) -> None:
        """The line is closed; the next request opens another."""
        if self.opened is not None:
            self.opened[1].close()
            self.opened = None

    async def _sent(self, request: bytes) -> tuple[int, Any, str]:
        if self.opened is None or self.opened[0].at_eof():
            self.close()
            self.opened = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self.opened
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        fields = [line.partition(": ") for line in head[1:]]
        found = {name.lower(): value for name, _, value in fields}
        body = await reader.readexactly(int(found.get("content-length", "0")))
        return int(head[0].split(" ")[1]), json.loads(body) if body else None, found.get("set-cookie", "")
