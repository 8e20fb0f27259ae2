"""Pulling as its flows see it: the book of pulls and their studies, and the sources that are asked.

A pull is a saved cohort query against one source. Each study it finds is a row and a job; UIDs of the hospital stand
sealed in the row, and a keyed digest keeps a study from being found twice. `StudySource` is what any way of fetching
implements: C-MOVE and C-GET in `edges/dicom`, and DICOMweb beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from node.ground.audit import AuditEvent
from node.intake.cohort_query import CohortQuery


class PullState(StrEnum):
    """Where a pull stands; it is done when it is fetching and no study waits."""

    SAVED = "saved"
    ASKING = "asking"
    FETCHING = "fetching"
    STOPPED = "stopped"
    FAILED = "failed"
    """The source did not answer the query in all attempts."""


class StudyState(StrEnum):
    """Where a study of a pull stands."""

    WAITING = "waiting"
    DONE = "done"
    DEAD = "dead"
    """Every attempt failed; a person looks at it, and may try again."""


@dataclass(frozen=True, slots=True)
class Pull:
    """One saved pull."""

    pull_id: str
    name: str
    source: str
    query: CohortQuery = field(repr=False)
    state: PullState = PullState.SAVED


@dataclass(frozen=True, slots=True)
class FoundStudy:
    """A study the source has; its UID is sealed before it is stored."""

    study_id: str
    study_lookup: str
    sealed_uid: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PullStudy:
    """A study to fetch."""

    study_id: str
    sealed_uid: bytes = field(repr=False)
    pull: Pull = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tally:
    """How a study stands: images the source has of it, how many of them are here, and what went wrong last."""

    expected: int
    arrived: int
    code: str = ""


@dataclass(frozen=True, slots=True)
class StudyEnd:
    """What became of a study."""

    state: StudyState
    tally: Tally
    event: AuditEvent


@dataclass(frozen=True, slots=True)
class DeadStudy:
    """A study that was given up: its number in the list, and why."""

    number: int
    code: str
    attempts: int
    expected: int
    arrived: int


@dataclass(frozen=True, slots=True)
class PullProgress:
    """What people see of a pull."""

    name: str
    source: str
    state: PullState
    code: str
    waiting: int
    done: int
    dead: int
    expected: int
    arrived: int


@dataclass(frozen=True, slots=True)
class ListedInstance:
    """An image the source has."""

    series_uid: str = field(repr=False)
    instance_uid: str = field(repr=False)
    class_uid: str = ""


class PullBook(Protocol):
    """Where pulls, their studies and the jobs of both are kept; every method raises StoreFull or StoreFailed."""

    def pull(self, pull_id: str) -> Pull:
        """The saved pull of an identifier."""
        ...

    def study(self, study_id: str) -> PullStudy:
        """A study with its pull."""
        ...

    def add_found(self, pull: Pull, studies: Sequence[FoundStudy], event: AuditEvent) -> int:
        """Those of the studies that are new wait to be fetched; returns how many."""
        ...

    def end_asking(self, pull: Pull, job_number: int, state: PullState, event: AuditEvent) -> None:
        """The query was answered, or given up; its job is over."""
        ...

    def note(self, study_id: str, tally: Tally) -> None:
        """How far the study came in an attempt that failed."""
        ...

    def end_study(self, study_id: str, job_number: int, end: StudyEnd) -> None:
        """The study is done or given up; its job is over."""
        ...

    def here(self, instance_lookups: Sequence[str]) -> frozenset[str]:
        """Those of the lookups under which an image was received."""
        ...


class StudySource(Protocol):
    """An archive that can be asked and that sends. Every method raises SourceTrouble, naming what failed by a code."""

    def find(self, query: CohortQuery) -> Iterator[str]:
        """The UIDs of the studies that match; one may come twice."""
        ...

    def instances(self, study_uid: str, query: CohortQuery) -> Sequence[ListedInstance]:
        """The images of a study's wanted series, as the source lists them."""
        ...

    def fetch(self, study_uid: str, missing: Sequence[ListedInstance], *, whole: bool) -> None:
        """The missing images were sent and received, or some of them; `whole`: the entire study may be asked for."""
        ...
