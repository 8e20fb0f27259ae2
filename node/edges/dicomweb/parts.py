"""What DICOMweb is made of: handed over by the wiring, found by every route through the application's state."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends, Request

from node.deidentify.findings import DecodedFrame, Picture, Span
from node.flows.image_search import CleanIndex, HeldImage, Place
from node.ground.audit import Actor
from node.intake.received import Instance, Outcome
from node.labeling.attached import AttachedObjects

PREFIX = "/api/dicomweb"
SEARCHED = "images.searched"
RETRIEVED = "images.retrieved"
STORING_AT_ONCE = 4


class CleanFiles(Protocol):
    """The files of clean images."""

    def read(self, image_id: str) -> bytes:
        """The whole file. Raises: CleanMissing."""
        ...

    def cut(self, image_id: str, spans: Sequence[Span]) -> bytes:
        """Spans of the file in a row. Raises: CleanMissing."""
        ...


class ImagesAtOnce(Protocol):
    """Images as far as they can be had without waiting. Every method raises: NotAtOnce."""

    def listed(self, place: Place) -> Sequence[str]:
        """JSON Model objects of the instances of a series, in the order of their numbers; never an empty list."""
        ...

    def described(self, place: Place) -> Sequence[bytes]:
        """Their metadata, in the same order; never an empty list."""
        ...

    def held(self, place: Place) -> HeldImage:
        """The clean image of a place down to its instance."""
        ...

    def cut(self, image_id: str, spans: Sequence[Span], before: bytes, after: bytes) -> bytearray:
        """Spans of its file in a row, between two pieces of text. Raises CleanMissing too."""
        ...


class Pictures(Protocol):
    """Frames decoded in the sandbox. Raises: CleanMissing, FrameMissing, UnreadableImage, SandboxUnavailable."""

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1."""
        ...

    def render(self, image_id: str, number: int, picture: Picture) -> bytes:
        """A frame drawn."""
        ...


class StudyReader(Protocol):
    """Which study a received file says it belongs to, read in the sandbox."""

    def study_uid(self, contents: bytes) -> str:
        """The study's UID as sent. Raises: UnreadableImage, SandboxUnavailable."""
        ...


class Taking(Protocol):
    """Receives instances as `flows.receive` does; what it answers is durable."""

    @property
    def max_file_bytes(self) -> int:
        """No file larger than this can hold an instance the node takes."""
        ...

    def receive(self, instance: Instance, sender: Actor) -> Outcome:
        """The instance is stored, or was before. Raises: StoreFull, StoreFailed, InstanceTooLarge."""
        ...


class Looks(Protocol):
    """Who looked at what, for the auditor."""

    def covered(self, by: Actor, action: str, subject: str) -> bool:
        """Whether an entry stands for this look already."""
        ...

    def note(self, by: Actor, action: str, subject: str) -> None:
        """An entry stands for this look, on the disk."""
        ...


@dataclass(frozen=True, slots=True)
class DicomwebParts:
    """Everything the routes use."""

    index: CleanIndex
    attached: AttachedObjects
    files: CleanFiles
    quick: ImagesAtOnce
    pictures: Pictures
    receiving: Taking
    studies: StudyReader
    looks: Looks
    slots: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(STORING_AT_ONCE))
    """One for each request that stores: it bounds the memory that parts on their way in may take."""


# Async, so that FastAPI does not send it through a thread: that costs more than the lookup.
async def parts_of(request: Request) -> DicomwebParts:
    """The parts of the application that serves this request."""
    parts: DicomwebParts = request.app.state.dicomweb
    return parts


Parts = Annotated[DicomwebParts, Depends(parts_of)]


def actor_of(request: Request) -> Actor:
    """Who asks, as the guard found them."""
    actor: Actor = request.state.actor
    return actor


def subject_of(study_uid: str) -> str:
    """What was looked at, as audit names it: one study by its new UID, or all that are here."""
    return f"study:{study_uid}" if study_uid else "images:all"


def accept_of(request: Request) -> str | None:
    """What the asker takes: the query's `accept` before the header, for who cannot set one. Source: PS3.18 8.3.3.1."""
    return request.query_params.get("accept") or request.headers.get("accept")


def base_of(request: Request) -> str:
    """The address under which this request's sender reaches DICOMweb.

    Some clients leave the port out of the Host header; where they name the address this server has, it is its port.
    """
    netloc, (host, port) = request.url.netloc, request.scope.get("server") or ("", None)
    if netloc == host and port not in {None, 80, 443}:
        netloc = f"{host}:{port}"
    return f"{request.url.scheme}://{netloc}{PREFIX}"
