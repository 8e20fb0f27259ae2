"""Adjudications, in one transaction of the ward."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, or_, select, update

from node.consensus.adjudication import Adjudication, AdjudicationState, Reason, Verdict
from node.consensus.vote import QuestionConsensus
from node.flows.adjudication_ports import HeldAdjudication
from node.ground.audit import AuditEvent
from node.labeling.assignment import Assignment
from node.storage.audit import record
from node.storage.ward_adjudication_tables import ADJUDICATORS, adjudication, adjudicator_place
from node.storage.ward_exclusions import HIDDEN
from node.storage.ward_tables import assignment, audit, consensus, project_case

_S = AdjudicationState
_SEEN = adjudication.c.case_id.not_in(HIDDEN)
_UNDECIDED = adjudication.c.state.in_([_S.NEEDED.value, _S.BLIND.value, _S.OPINIONS.value])


@dataclass(frozen=True, slots=True)
class AdjudicationRows:
    """The adjudications of one transaction."""

    connection: Connection

    def add(self, made: Sequence[Adjudication], event: AuditEvent) -> None:
        """The adjudications wait for somebody who takes them."""
        rows = [asdict(one) | {"state": one.state.value, "made_at": event.at} for one in made]
        self.connection.execute(insert(adjudication), rows)
        record(self.connection, audit, event)

    def standing(self, project_id: str) -> set[tuple[str, str]]:
        """Case and question of what is under way, or was decided since the case was closed."""
        same = and_(
            project_case.c.project_id == adjudication.c.project_id, project_case.c.case_id == adjudication.c.case_id
        )
        decided = and_(adjudication.c.state == _S.DECIDED.value, adjudication.c.decided_at >= project_case.c.closed_at)
        found = select(adjudication.c.case_id, adjudication.c.question).join(project_case, same)
        rows = self.connection.execute(found.where(adjudication.c.project_id == project_id, or_(_UNDECIDED, decided)))
        return {(row.case_id, row.question) for row in rows}

    def by_id(self, adjudication_id: str) -> HeldAdjudication | None:
        """The adjudication of this identifier, or none; none of a hidden case."""
        one = select(adjudication).where(adjudication.c.adjudication_id == adjudication_id, _SEEN)
        row = self.connection.execute(one).one_or_none()
        return None if row is None else _held_of(row)

    def of_project(self, project_id: str) -> Iterator[HeldAdjudication]:
        """The project's adjudications, by case and question."""
        of = select(adjudication).where(adjudication.c.project_id == project_id, _SEEN)
        return map(_held_of, self.connection.execute(of.order_by(adjudication.c.case_id, adjudication.c.question)))

    def open_to(self, person_id: str) -> Iterator[HeldAdjudication]:
        """What the person holds undecided, and what waits of cases on which they never had a place."""
        own = select(assignment.c.case_id).where(assignment.c.person_id == person_id)
        held = and_(adjudication.c.adjudicator_id == person_id, _UNDECIDED)
        free = and_(adjudication.c.state == _S.NEEDED.value, adjudication.c.case_id.not_in(own))
        found = select(adjudication).where(or_(held, free), _SEEN).order_by(adjudication.c.adjudication_id)
        return map(_held_of, self.connection.execute(found))

    def is_adjudicators(self, assignment_id: str) -> bool:
        """True for a place that an adjudicator reads under."""
        one = ADJUDICATORS.where(adjudicator_place.c.assignment_id == assignment_id)
        return self.connection.scalar(one) is not None

    def adjudicators(self) -> dict[str, frozenset[str]]:
        """Of each case who took it, in whatever project: they are given it to read in none."""
        found: dict[str, set[str]] = defaultdict(set)
        who = select(adjudication.c.case_id, adjudication.c.adjudicator_id)
        for row in self.connection.execute(who.where(adjudication.c.adjudicator_id.is_not(None)).distinct()):
            found[row.case_id].add(row.adjudicator_id)
        return {case_id: frozenset(people) for case_id, people in found.items()}

    def take(self, given: Assignment, event: AuditEvent) -> None:
        """The person has this place, and all that is needed about the case is theirs to decide."""
        values = asdict(given) | {"state": given.state.value, "position": 0}
        self.connection.execute(insert(assignment), [values])
        self.connection.execute(insert(adjudicator_place), [{"assignment_id": given.assignment_id}])
        needed = (adjudication.c.case_id == given.case_id, adjudication.c.state == _S.NEEDED.value)
        one = update(adjudication).where(adjudication.c.project_id == given.project_id, *needed)
        who = {"adjudicator_id": given.person_id, "assignment_id": given.assignment_id}
        self.connection.execute(one.values(state=_S.BLIND.value, **who))
        record(self.connection, audit, event)

    def move(self, assignment_id: str, before: AdjudicationState, after: AdjudicationState) -> bool:
        """Whether anything is held under the place in the first state; it is in the second now."""
        these = and_(adjudication.c.assignment_id == assignment_id, adjudication.c.state == before.value)
        values: dict[str, str | None] = {"state": after.value}
        if after is _S.NEEDED:
            values |= {"adjudicator_id": None, "assignment_id": None}
        return self.connection.execute(update(adjudication).where(these).values(**values)).rowcount > 0

    def decide(self, found: Adjudication, verdict: Verdict, fused: QuestionConsensus, event: AuditEvent) -> None:
        """The verdict stands, and is the consensus."""
        ended = {"state": _S.DECIDED.value, "option": verdict.option, "reason": verdict.reason.value}
        one = update(adjudication).where(adjudication.c.adjudication_id == found.adjudication_id)
        self.connection.execute(one.values(**ended, decided_at=event.at))
        agreed = (consensus.c.project_id == found.project_id, consensus.c.case_id == found.case_id)
        same = update(consensus).where(*agreed, consensus.c.question == found.question)
        self.connection.execute(same.values(**asdict(fused)))
        record(self.connection, audit, event)


def _held_of(row: Row[Any]) -> HeldAdjudication:
    found = Adjudication(
        adjudication_id=row.adjudication_id,
        project_id=row.project_id,
        case_id=row.case_id,
        question=row.question,
        state=AdjudicationState(row.state),
        adjudicator_id=row.adjudicator_id,
        order_seed=row.order_seed,
    )
    verdict = None if row.reason is None else Verdict(row.option, Reason(row.reason))
    return HeldAdjudication(found, row.assignment_id, verdict)
