"""What can be asked of the clean images' headers: a search on a level, metadata, and where files keep their pixels.

Nothing but clean images can be found, and none of a patient who opted out. Source: PS3.18 section 10.6 for the levels
and the keys of a search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from node.deidentify.findings import Span


class Level(StrEnum):
    """What one result of a search stands for."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


@dataclass(frozen=True, slots=True)
class ImageSearch:
    """A search: results match every key that is set; text keys may hold `*` and `?`.

    `study_dates` are the first and last day, each YYYYMMDD or "". `nothing` is set where keys exclude each other.
    """

    level: Level
    limit: int
    offset: int = 0
    study_uids: tuple[str, ...] = ()
    series_uids: tuple[str, ...] = ()
    instance_uids: tuple[str, ...] = ()
    sop_class_uids: tuple[str, ...] = ()
    patient_id: str = ""
    study_dates: tuple[str, str] | None = None
    modalities_in_study: tuple[str, ...] = ()
    modality: str = ""
    series_number: int | None = None
    instance_number: int | None = None
    values: tuple[tuple[Level, str, str], ...] = ()
    """Other keys: the level whose object holds the attribute, its tag, and the value asked for."""
    nothing: bool = False
    with_above: bool = False
    """Whether each instance comes with the objects of its study and series."""
    with_metadata: bool = False
    """Whether each instance comes with its whole metadata."""


@dataclass(frozen=True, slots=True)
class FoundImages:
    """One result: JSON Model objects of its level and of those above, as `deidentify.header` wrote them.

    A study has its modalities and numbers of series and instances, a series its number of instances.
    """

    study: str
    series: str = ""
    instance: str = ""
    modalities: tuple[str, ...] = ()
    series_count: int = 0
    instance_count: int = 0
    metadata: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """The results asked for, in a lasting order, and how many more there are after them."""

    found: tuple[FoundImages, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Place:
    """A study, or a series or instance in it; "" for what is not named."""

    study_uid: str
    series_uid: str = ""
    instance_uid: str = ""


@dataclass(frozen=True, slots=True)
class HeldImage:
    """One clean image as its file holds it; see `CleanHeader` for spans, frame bytes and fragments."""

    image_id: str
    instance_uid: str
    transfer_syntax_uid: str
    frames: int
    frame_bytes: int
    spans: Mapping[str, Span]
    fragments: tuple[tuple[Span, ...], ...]


class CleanIndex(Protocol):
    """The headers of clean images. Every method raises: StoreFailed."""

    def search(self, wanted: ImageSearch) -> FoundPage:
        """What matches."""
        ...

    def metadata(self, place: Place) -> Sequence[bytes]:
        """The metadata of every instance of a place, in the order of their numbers."""
        ...

    def places(self, image_ids: Sequence[str]) -> Mapping[str, Place]:
        """Where each of these images stands; one that cannot be found is left out."""
        ...

    def held(self, place: Place) -> Sequence[HeldImage]:
        """Every image of a place, in the order of their numbers."""
        ...
