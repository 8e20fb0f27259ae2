"""What excluding patients asks of its stores: its ports and the values that pass through them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from node.ground.audit import AuditEvent
from node.intake.exclusion import ExclusionEntry, ExclusionKind
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer


@dataclass(frozen=True, slots=True)
class KindCount:
    """How many hospital numbers one kind excludes, and how many patients and images of theirs are known here."""

    kind: ExclusionKind
    numbers: int
    patients: int
    images: int


@dataclass(frozen=True, slots=True)
class Returned:
    """What comes back when exclusions end: images that are cleaned again, and images whose bytes are gone for good."""

    again: int
    gone: int


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """One image to be taken out; of one under a legal hold nothing is deleted."""

    received_id: str
    image_id: str
    held: bool


class ExclusionBook(Protocol):
    """The list beside the databases. Every method raises: ExclusionListDamaged, ExclusionListUnusable."""

    def entries(self) -> Mapping[str, ExclusionEntry]:
        """Every entry, by identifier."""
        ...

    def entries_of(self, file: Path) -> Mapping[str, ExclusionEntry]:
        """Every entry of another copy of the list."""
        ...

    def append(self, entries: Sequence[ExclusionEntry]) -> None:
        """The entries are durable; an entry known already is not written again."""
        ...


class ExclusionRows(Protocol):
    """The same list where patients and images are. Every method raises: StoreFull, StoreFailed."""

    def entries(self) -> Mapping[str, ExclusionEntry]:
        """Every entry, by identifier."""
        ...

    def add(self, entries: Sequence[ExclusionEntry], event: AuditEvent) -> Returned:
        """The entries count from now on, and what comes back by it; one known already changes nothing."""
        ...

    def obey(self, now: datetime) -> None:
        """What the entries say holds for every patient there is now."""
        ...

    def count(self) -> Sequence[KindCount]:
        """How many stand, by kind."""
        ...

    def patients_named(self, number_lookups: Collection[str]) -> Collection[int]:
        """The internal numbers of the patients who have these numbers of the hospital."""
        ...

    def excluded_patients(self) -> Collection[int]:
        """The internal numbers of everybody who is excluded now."""
        ...


class UnnamedPatients(Protocol):
    """Patients whom a release before this one numbered. Every method raises: StoreFull, StoreFailed."""

    def unnamed(self, limit: int) -> Mapping[str, bytes]:
        """Their lookup and sealed identity."""
        ...

    def name(self, number_lookups: Mapping[str, str]) -> None:
        """They have the lookup of their hospital number; an empty one where they have no number."""
        ...


class ExcludedInWard(Protocol):
    """Whose cases nobody reads or learns from."""

    def set_excluded(self, patient_numbers: Collection[int]) -> None:
        """Exactly the cases of these patients are hidden."""
        ...


class WithdrawalRows(Protocol):
    """Images that are still where others see them. Every method raises: StoreFull, StoreFailed."""

    def due(self, limit: int) -> Sequence[Withdrawal]:
        """Clean images of excluded patients."""
        ...

    def withdrawn(self, batch: Sequence[Withdrawal], events: Sequence[AuditEvent]) -> None:
        """The images stand in quarantine; headers and marks of those not held are gone."""
        ...


class CleanFiles(Protocol):
    """The files of clean images."""

    def drop(self, image_id: str) -> None:
        """The file is gone; dropping it again is no error."""
        ...


@dataclass(frozen=True, slots=True)
class ExcludeParts:
    """What excluding is made of."""

    book: ExclusionBook
    rows: ExclusionRows
    ward: ExcludedInWard
    lookups: Lookups
    new_id: Callable[[], str]


@dataclass(frozen=True, slots=True)
class ReplayParts:
    """What the list is put together with at a start."""

    exclude: ExcludeParts
    patients: UnnamedPatients
    identities: Sealer
