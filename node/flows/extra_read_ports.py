"""What the flows need of the ward about extra reads: those asked while consensus is unsure, and repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from node.consensus.adaptive import AdaptiveReads
from node.ground.audit import AuditEvent
from node.labeling.reading import Reading
from node.labeling.repeats import Repeat, Repeats


@dataclass(frozen=True, slots=True)
class KeptAdaptiveReads:
    """A project's setting, with the key that draws its extra reads by chance."""

    setting: AdaptiveReads
    key: bytes


class AdaptiveProjects(Protocol):
    """Which projects ask the next reader only while unsure."""

    def of(self, project_id: str) -> KeptAdaptiveReads | None: ...
    def set(self, project_id: str, kept: KeptAdaptiveReads | None, event: AuditEvent) -> None: ...
    def places(self, project_id: str) -> Mapping[str, bool]: ...


class RepeatCases(Protocol):
    """Cases that readers are given a second time, under other names."""

    def of_project(self, project_id: str) -> Repeats | None: ...
    def set(self, project_id: str, repeats: Repeats | None, event: AuditEvent) -> None: ...
    def submitted(self, project_id: str) -> Mapping[str, Mapping[str, datetime]]: ...
    def made(self, project_id: str) -> Mapping[str, frozenset[str]]: ...
    def make(self, project_id: str, repeats: Sequence[Repeat], event: AuditEvent) -> None: ...
    def pairs(self, person_id: str, until: datetime) -> list[tuple[Reading, Reading]]: ...
    def original(self, case_id: str) -> str: ...
    def images(self, image_ids: Sequence[str]) -> Mapping[str, str]: ...


class ExtraReadWork(Protocol):
    """The part of a transaction that is about extra reads."""

    @property
    def adaptive(self) -> AdaptiveProjects: ...
    @property
    def repeats(self) -> RepeatCases: ...
