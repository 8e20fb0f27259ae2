"""What the flows need of the ward about adjudications, and an adjudication as it is stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from node.consensus.adjudication import Adjudication, AdjudicationState, Verdict
from node.consensus.vote import QuestionConsensus
from node.ground.audit import AuditEvent
from node.labeling.assignment import Assignment


@dataclass(frozen=True, slots=True)
class HeldAdjudication:
    """An adjudication, the place its adjudicator reads under, and the verdict it ended with."""

    adjudication: Adjudication
    assignment_id: str | None
    verdict: Verdict | None


class Adjudications(Protocol):
    """Cases on their way through adjudication."""

    def add(self, made: Sequence[Adjudication], event: AuditEvent) -> None: ...
    def standing(self, project_id: str) -> set[tuple[str, str]]: ...
    def by_id(self, adjudication_id: str) -> HeldAdjudication | None: ...
    def of_project(self, project_id: str) -> Iterable[HeldAdjudication]: ...
    def open_to(self, person_id: str) -> Iterable[HeldAdjudication]: ...
    def is_adjudicators(self, assignment_id: str) -> bool: ...
    def adjudicators(self) -> Mapping[str, frozenset[str]]: ...
    def take(self, given: Assignment, event: AuditEvent) -> None: ...
    def move(self, assignment_id: str, before: AdjudicationState, after: AdjudicationState) -> bool: ...
    def decide(self, found: Adjudication, verdict: Verdict, fused: QuestionConsensus, event: AuditEvent) -> None: ...
