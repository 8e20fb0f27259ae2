"""A reader sees the gold verdicts of a month that is over, objects to one, and the project's lead decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.consensus.voted import said_to, voted_of
from node.flows.act import Act
from node.flows.months import PayDesk
from node.flows.ward import WardWork
from node.labeling.project import Project
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of
from node.pay.contest import Contest, ContestReason, ContestState, GoldVerdict
from node.pay.errors import ContestStands, ContestUnknown, MonthClosed, MonthRunning, VerdictUnknown
from node.pay.month import Month


@dataclass(frozen=True, slots=True)
class OwnVerdicts:
    """The verdicts of a reader's month, the projects they are of, and what the reader said against them."""

    verdicts: list[GoldVerdict]
    projects: dict[str, Project]
    """By identifier."""
    contests: list[Contest]


@dataclass(frozen=True, slots=True)
class Objection:
    """To which verdict, and why."""

    reading_id: str
    voted: str
    reason: ContestReason


def own_verdicts(desk: PayDesk, person_id: str, month: Month, act: Act) -> OwnVerdicts:
    """The verdicts on the person's first readings of gold cases. Raises: MonthRunning while the month is not over."""
    with desk.ward.reading() as work:
        verdicts = _verdicts(work, desk, person_id, month, act)
        projects = {one: work.projects.by_id(one) for one in {verdict.project_id for verdict in verdicts}}
        return OwnVerdicts(verdicts, projects, work.contests.of_person(person_id, month.text))


def contest(desk: PayDesk, person_id: str, month: Month, objection: Objection, act: Act) -> None:
    """The objection waits for the project's lead, and the month for the decision.

    Raises:
        MonthRunning, MonthClosed: it is too early or too late.
        VerdictUnknown: no such verdict of the person's says that a reading was wrong.
        ContestStands: it was raised before.
    """
    with desk.ward.writing() as work:
        work.chain.head()  # held: nobody closes the month meanwhile
        if work.months.closed_at(month.text) is not None:
            raise MonthClosed
        wanted = (objection.reading_id, objection.voted)
        wrong = [one for one in _verdicts(work, desk, person_id, month, act) if not one.right]
        found = next((one for one in wrong if (one.reading_id, one.voted) == wanted), None)
        if found is None:
            raise VerdictUnknown
        raised = work.contests.of_person(person_id, month.text)
        if any((one.verdict.reading_id, one.verdict.voted) == wanted for one in raised):
            raise ContestStands
        made = Contest(found, person_id, month.text, objection.reason, act.now)
        work.contests.add(made, act.event("verdict.contested", f"case:{found.case_id}", objection.reason.value))


def contests_of(desk: PayDesk, project_id: str) -> list[Contest]:
    """Every objection in the project. Raises: ProjectUnknown."""
    with desk.ward.reading() as work:
        work.projects.by_id(project_id)
        return work.contests.of_project(project_id)


def decide_contest(desk: PayDesk, project_id: str, verdict: tuple[str, str], state: ContestState, act: Act) -> None:
    """The objection to the verdict, named by reading and what was voted on, is decided for good.

    Raises:
        ContestUnknown: no such objection is open in the project.
    """
    event = act.event("verdict.contest-decided", f"reading:{verdict[0]}", state.value)
    with desk.ward.writing() as work:
        if not work.contests.decide(project_id, verdict, state, event):
            raise ContestUnknown


def _verdicts(work: WardWork, desk: PayDesk, person_id: str, month: Month, act: Act) -> list[GoldVerdict]:
    since, until = month.bounds(desk.zone)
    if act.now < until:
        raise MonthRunning
    first = work.contests.gold_read(person_id, since, until)
    gold = {project_id: work.fusions.gold(project_id) for project_id in {one.project_id for one in first}}
    return [verdict for one in first for verdict in _of_reading(work, one, gold[one.project_id])]


def _of_reading(work: WardWork, first: Reading, gold: Mapping[tuple[str, str], str]) -> list[GoldVerdict]:
    project = work.projects.by_id(first.project_id)
    found = []
    for voted in voted_of(schema_of(project.schema_code, project.schema_version)):
        known, said = gold.get((first.case_id, voted.name)), said_to(voted, first)
        if known is not None and said:
            found.append(GoldVerdict(first.reading_id, first.project_id, first.case_id, voted.name, said[0], known))
    return found
