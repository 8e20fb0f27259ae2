"""A recorder before the real front: keeps every request as it is after TLS, and can lie in the SuperLink's place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Passed:
    """One request as it came through the front, after TLS."""

    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    status: int


@dataclass(slots=True)
class RecordingFront:
    """The front with a recorder before it; `lies` may replace the body of an answer by path."""

    inner: Callable[[Scope, Receive, Send], Awaitable[None]]
    passed: list[Passed] = field(default_factory=list)
    lies: dict[str, Callable[[bytes], bytes]] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.inner(scope, receive, send)
            return
        asked, answered, status = bytearray(), bytearray(), [0]

        async def recorded_receive() -> MutableMapping[str, Any]:
            event = await receive()
            asked.extend(event.get("body", b""))
            return event

        lie = self.lies.get(scope["path"])

        async def recorded_send(event: MutableMapping[str, Any]) -> None:
            if event["type"] == "http.response.start":
                status[0] = event["status"]
                if lie is not None:
                    event["headers"] = [(k, v) for k, v in event["headers"] if k.lower() != b"content-length"]
            elif lie is not None:
                answered.extend(event.get("body", b""))
                event["body"] = b"" if event.get("more_body") else lie(bytes(answered))
            await send(event)

        try:
            await self.inner(scope, recorded_receive, recorded_send)
        finally:
            headers = tuple((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"])
            self.passed.append(Passed(scope["path"], headers, bytes(asked), status[0]))
