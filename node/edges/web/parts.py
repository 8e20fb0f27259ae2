"""What the web process is made of: handed over by `__main__`, found by every route through the application's state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Protocol

from fastapi import Depends, Request

from node.flows.projects import OriginalLookup
from node.flows.sign_in import FrontDoor
from node.flows.ward import Ward
from node.ground.clock import Clock
from node.labeling.frames import FrameSource


class IntakeCounts(Protocol):
    """How many received images stand where."""

    @property
    def received(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def clean(self) -> int: ...
    @property
    def quarantined(self) -> int: ...


class QuarantinedImage(Protocol):
    """One image that could not be cleaned."""

    @property
    def image_id(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def at(self) -> datetime: ...


class IntakePage(Protocol):
    """What the page shows of intake."""

    def counts(self) -> IntakeCounts:
        """The images by state."""
        ...

    def quarantined(self, *, limit: int = 200) -> Sequence[QuarantinedImage]:
        """The latest quarantined images."""
        ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything the routes use."""

    ward: Ward
    door: FrontDoor
    frames: FrameSource
    originals: OriginalLookup
    intake: IntakePage
    clock: Clock
    secure: bool
    """True behind HTTPS: the cookie is then sent over nothing else."""
    cookie_name: str = "intramuros_session"
    """Several nodes on one host need different names: browsers share cookies between ports."""


# Async, so that FastAPI does not send it through a thread: that costs more than the lookup.
async def parts_of(request: Request) -> WebParts:
    """The parts of the application that serves this request."""
    parts: WebParts = request.app.state.parts
    return parts


Parts = Annotated[WebParts, Depends(parts_of)]
