"""What the routes work with, and how a request body is read."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from coordinator.edges.web.problems import BodyTooLarge
from coordinator.flows.books import UnitOfWork
from coordinator.flows.scene import ModelFiles
from coordinator.ground.clock import Clock
from coordinator.ground.face import Face
from coordinator.ground.texts import Language


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts of the api process."""

    work: UnitOfWork
    models: ModelFiles
    clock: Clock
    face: Face
    language: Language
    port: int


async def bounded_body(request: Request, max_bytes: int) -> bytes:
    """The request's body. Raises: BodyTooLarge before more than the bound is held."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > max_bytes:
            raise BodyTooLarge(f"a body here has at most {max_bytes} bytes")
    return bytes(body)
