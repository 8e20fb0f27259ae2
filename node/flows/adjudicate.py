"""A lead calls for adjudication of closed cases; an adjudicator reads each blind, sees the opinions, and decides.

Calling is the lead's act, as a deal is: nothing a reader does makes an adjudication or moves one. Taking a case gives
the adjudicator a place of their own on it, so that sheet, frames, draft, reading and pay are those of any reader, and
show nothing of others. Only somebody who never had a place on the case, in whatever project, may take it. That blind
reading is kept and chained, and is no opinion among the readers': it counts in no vote, agreement or estimate.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from node.consensus.adjudication import (
    Adjudication,
    AdjudicationState,
    ShownOpinion,
    Verdict,
    check_holds,
    check_may_take,
    check_verdict,
    needs_adjudication,
    shown_opinions,
)
from node.consensus.errors import AdjudicationRefused
from node.consensus.vote import QuestionConsensus
from node.consensus.voted import Voted, said_to, voted_of
from node.flows.act import Act, act_of
from node.flows.adjudication_ports import HeldAdjudication
from node.flows.rates import bound_now
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.labeling.assignment import LEASE, Assignment, AssignmentState
from node.labeling.blinding import Viewer, withheld
from node.labeling.errors import ProjectStateRefused
from node.labeling.project import GIVES_CASES, Project, ProjectState
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseSheet
from node.readers.person import Person

_CASES_AT_ONCE = 500
_SEEDS = 1 << 53
_CALLS = GIVES_CASES | {ProjectState.FROZEN}


@dataclass(frozen=True, slots=True)
class Call:
    """Which closed cases are to be adjudicated: those less sure than the bound, or every one with a dissent."""

    bound: float = 0.0
    every_dissent: bool = False


@dataclass(frozen=True, slots=True)
class Opinions:
    """What an adjudicator sees once the own blind reading is in, and what a verdict may name."""

    adjudication: Adjudication
    options: tuple[str, ...]
    shown: tuple[ShownOpinion, ...]


def call_for(ward: Ward, project_id: str, call: Call, act: Act) -> int:
    """Every closed case the call is about waits for an adjudicator; how many adjudications that added.

    Raises:
        ProjectUnknown: there is no such project.
        ProjectStateRefused: it is a draft, or archived.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        if project.state not in _CALLS:
            raise ProjectStateRefused("a draft has nothing to adjudicate, and an archived project stays as it is")
        standing, gold = work.adjudications.standing(project_id), work.fusions.gold(project_id)
        wanted = [
            (case_id, one.question)
            for case_id, one in _closed(work, project_id)
            if needs_adjudication(one, bound=call.bound, every_dissent=call.every_dissent)
            and (case_id, one.question) not in standing
            and (case_id, one.question) not in gold
        ]
        made = [_needed(project_id, case_id, question) for case_id, question in wanted]
        if made:
            work.adjudications.add(made, act.event("project.adjudication-called", f"project:{project_id}"))
        return len(made)


def of_project(ward: Ward, project_id: str, viewer: Viewer) -> list[HeldAdjudication]:
    """The project's adjudications, for its lead; none of a case the lead may come to read. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        hidden = withheld(work.assignments.of_person(viewer.person_id))
        found = work.adjudications.of_project(project_id)
        return [one for one in found if one.adjudication.case_id not in hidden]


def open_to(ward: Ward, person_id: str) -> list[tuple[HeldAdjudication, Project]]:
    """What the person holds, and what they could take, with its project: never a case they had a place on."""
    with ward.reading() as work:
        projects = {project.project_id: project for project in work.projects.all()}
        return [(one, projects[one.adjudication.project_id]) for one in work.adjudications.open_to(person_id)]


def take(ward: Ward, person: Person, adjudication_id: str, now: datetime) -> CaseSheet:
    """The person holds the case, with everything there is to decide about it, and reads it blind first.

    Raises:
        AdjudicationRefused: it is not there, not theirs to take, or their licence does not hold.
    """
    with ward.writing() as work:
        found = _held(work, adjudication_id).adjudication
        project = work.deals.held_for_deal(found.project_id)
        if person.licence is None or not person.licence.holds(now) or project.state not in _CALLS:
            raise AdjudicationRefused("no case is given to this person, or in this project")
        before = {one.person_id for one in work.assignments.of_person(person.person_id) if one.case_id == found.case_id}
        before |= work.teaching_cases.shown().get(found.case_id, frozenset())
        check_may_take(found, person.person_id, before)
        place = (new_id(), found.project_id, found.case_id, person.person_id)
        given = Assignment(*place, AssignmentState.HELD, now + LEASE)
        event = act_of(person.person_id, now).event("adjudication.taken", f"case:{found.case_id}")
        work.adjudications.take(given, event)
        rate = bound_now(work, given, person, act_of(person.person_id, now))
        return replace(work.sheets.of(given), assignment=given, rate=rate)


def read_blind(work: WardWork, assignment: Assignment) -> bool:
    """True when the place is an adjudicator's: the blind reading is in, and the opinions may be seen."""
    return work.adjudications.move(assignment.assignment_id, AdjudicationState.BLIND, AdjudicationState.OPINIONS)


def given_back(work: WardWork, assignment: Assignment) -> None:
    """What was held under the place, and not read yet, waits for another adjudicator."""
    work.adjudications.move(assignment.assignment_id, AdjudicationState.BLIND, AdjudicationState.NEEDED)


def opinions(ward: Ward, viewer: Viewer, adjudication_id: str) -> Opinions:
    """The readers' answers, unnamed and in this adjudication's own order.

    Raises:
        AdjudicationRefused: it is another's, or the blind reading is not in.
    """
    with ward.reading() as work:
        found = _held(work, adjudication_id).adjudication
        check_holds(found, viewer.person_id, AdjudicationState.DECIDED)
        readings = work.readings.of_case(found.project_id, found.case_id)
        voted = _voted(work.projects.by_id(found.project_id), found)
        return Opinions(found, voted.options, shown_opinions(found, viewer.person_id, readings))


def decide(ward: Ward, viewer: Viewer, adjudication_id: str, verdict: Verdict, now: datetime) -> None:
    """The consensus on the case is the verdict, and whoever said otherwise dissents; no reading changes.

    Raises:
        AdjudicationRefused: it is another's, is not at its verdict, or the verdict is none.
    """
    with ward.writing() as work:
        found = _held(work, adjudication_id).adjudication
        project = work.deals.held_for_deal(found.project_id)
        check_holds(found, viewer.person_id, AdjudicationState.DECIDED)
        voted = _voted(project, found)
        check_verdict(verdict, voted.options)
        readings = work.readings.of_case(found.project_id, found.case_id)
        event = act_of(viewer.person_id, now).event("case.adjudicated", f"case:{found.case_id}", verdict.reason.value)
        fused = _decided(voted, verdict, readings)
        work.adjudications.decide(found, verdict, fused, event)


def _decided(voted: Voted, verdict: Verdict, readings: Sequence[Reading]) -> QuestionConsensus:
    said = [one for reading in readings for one in said_to(voted, reading)]
    votes = sum(one is not None for one in said)
    if verdict.option is None:
        return QuestionConsensus(voted.name, None, 0.0, votes, len(said) - votes, 0)
    dissent = sum(one != verdict.option for one in said)
    return QuestionConsensus(voted.name, verdict.option, 1.0, votes, len(said) - votes, dissent)


def _needed(project_id: str, case_id: str, question: str) -> Adjudication:
    seed = secrets.randbelow(_SEEDS)
    return Adjudication(new_id(), project_id, case_id, question, AdjudicationState.NEEDED, None, seed)


def _held(work: WardWork, adjudication_id: str) -> HeldAdjudication:
    found = work.adjudications.by_id(adjudication_id)
    if found is None:
        raise AdjudicationRefused("no such adjudication")
    return found


def _voted(project: Project, found: Adjudication) -> Voted:
    schema = schema_of(project.schema_code, project.schema_version)
    voted = next((one for one in voted_of(schema) if one.name == found.question), None)
    if voted is None:
        raise AdjudicationRefused("the schema does not ask this any more")
    return voted


def _closed(work: WardWork, project_id: str) -> list[tuple[str, QuestionConsensus]]:
    found: list[tuple[str, QuestionConsensus]] = []
    after = ""
    while True:
        page = work.consensus.closed_cases(project_id, after_case_id=after, limit=_CASES_AT_ONCE)
        found += [(case.case_id, one) for case in page for one in case.consensus]
        if len(page) < _CASES_AT_ONCE:
            return found
        after = page[-1].case_id
