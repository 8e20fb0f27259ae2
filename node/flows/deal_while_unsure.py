"""A project that asks the next reader only while consensus is unsure is dealt.

A deal closes the cases that want no more readings and on which nobody still has one of the usual places, and gives
every reader so many extra places that as many are unread as the project says (`consensus.extra_places`). What readers
said decides which cases stand behind some of these, never how many there are. Nothing that was dealt is taken back
because others made a case sure: a reading of a case that is closed meanwhile is stored and paid like any other, and
changes no consensus.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from node.consensus.adaptive import AdaptiveReads, ReadSoFar, wants_another
from node.consensus.extra_places import Table, extra_places
from node.consensus.vote import QuestionConsensus
from node.flows.act import Act
from node.flows.ward import WardWork
from node.labeling.assignment import Assignment, AssignmentState, lease_runs
from node.labeling.deal import Deal, DealRules, deal
from node.labeling.project import Project, ProjectState
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of

_CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Readings:
    """How many readings each case has, is still to get of its usual places, and was asked for beside them."""

    submitted: Counter[str] = field(default_factory=Counter)
    usual: Counter[str] = field(default_factory=Counter)
    extra: Counter[str] = field(default_factory=Counter)

    def in_all(self, case_id: str) -> int:
        """So many, when all are in."""
        return self.submitted[case_id] + self.usual[case_id] + self.extra[case_id]


def deal_while_unsure(work: WardWork, project: Project, rules: DealRules, act: Act) -> Deal:
    """What changes in the project; the cases that want no more readings are closed."""
    kept = work.adaptive.of(project.project_id)
    if kept is None:
        raise RuntimeError("a project that asks while unsure has a setting")
    cases = work.deals.dealt_cases(project.project_id, pilot=project.state is ProjectState.PILOT)
    places, asked = list(work.deals.of_project(project.project_id)), work.adaptive.places(project.project_id)
    found = _readings(places, asked, act)
    unsure, closed = _decided(work, project, (kept.setting, cases), found, act)
    held = _by_case([place for place in places if place.assignment_id in asked])
    rules = replace(rules, fixed=True, extra=held, closed=closed)
    changes = deal(rules, cases, places)
    found.usual.update(place.case_id for place in changes.added)
    open_cases = [case_id for case_id in cases if case_id not in closed]
    missing = [one for one in open_cases if found.in_all(one) < project.reads_per_case]
    usable = [one for one in open_cases if found.in_all(one) < kept.setting.at_most]
    table = Table(
        usable=usable,
        spent=sorted(set(cases).difference(usable)),
        doubted=[*missing, *unsure],
        had=_had(places, changes),
        extra=_by_person([place for place in places if place.assignment_id in asked]),
    )
    return replace(changes, extra=extra_places(kept.setting, kept.key, rules, table))


def fused_cases(
    work: WardWork, project: Project, case_ids: Sequence[str]
) -> Iterator[tuple[str, int, tuple[QuestionConsensus, ...]]]:
    """Each case with its number of readings and what they say together."""
    if not case_ids:
        return
    from node.consensus.closing import close  # numpy: only where a project has cases to fuse in a deal

    schema = schema_of(project.schema_code, project.schema_version)
    fusing = work.fusions.of_project(project.project_id)
    for start in range(0, len(case_ids), _CASES_AT_ONCE):
        page = case_ids[start : start + _CASES_AT_ONCE]
        found: dict[str, list[Reading]] = {case_id: [] for case_id in page}
        for one in work.readings.of_cases(project.project_id, page):
            found[one.case_id].append(one)
        for case_id, readings in found.items():
            yield case_id, len(readings), close(schema, readings, fusing)


def close_now(work: WardWork, project: Project, case_id: str, fused: tuple[QuestionConsensus, ...], act: Act) -> None:
    """The case is closed with this consensus."""
    work.consensus.add(project.project_id, case_id, fused, act.event("case.closed", f"case:{case_id}"))
    work.project_cases.close_case(project.project_id, case_id, act.now)


def _decided(
    work: WardWork, project: Project, asking: tuple[AdaptiveReads, Mapping[str, bool]], found: _Readings, act: Act
) -> tuple[list[str], frozenset[str]]:
    """The cases that are unsure and that nobody was asked to read, the least sure first; and all that are closed."""
    setting, cases = asking
    closed = {case_id for case_id, is_closed in cases.items() if is_closed}
    ripe = [
        case_id
        for case_id in sorted(set(cases) - closed)
        if found.submitted[case_id] >= setting.at_least and not found.usual[case_id]
    ]
    unsure: list[tuple[float, str]] = []
    for case_id, readings, fused in fused_cases(work, project, ripe):
        posterior = min((one.posterior for one in fused), default=1.0)
        if not wants_another(setting, ReadSoFar(readings, posterior)):
            close_now(work, project, case_id, fused, act)
            closed.add(case_id)
        elif not found.extra[case_id]:
            unsure.append((posterior, case_id))
    return [case_id for _, case_id in sorted(unsure)], frozenset(closed)


def _readings(places: Sequence[Assignment], asked: Mapping[str, bool], act: Act) -> _Readings:
    found = _Readings()
    for place in places:
        if place.state is AssignmentState.SUBMITTED:
            found.submitted[place.case_id] += 1
        elif place.state in (AssignmentState.WAITING, AssignmentState.REQUEUED) or lease_runs(place, act.now):
            pending = found.extra if place.assignment_id in asked else found.usual
            pending[place.case_id] += 1
    return found


def _by_case(places: Sequence[Assignment]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for place in places:
        found[place.case_id].add(place.person_id)
    return dict(found)


def _by_person(places: Sequence[Assignment]) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = defaultdict(list)
    for place in places:
        found[place.person_id].append(place)
    return dict(found)


def _had(places: Sequence[Assignment], changes: Deal) -> dict[str, set[str]]:
    """The cases on which each person has a place, those of this deal too."""
    found: dict[str, set[str]] = defaultdict(set)
    pairs = [(one.person_id, one.case_id) for one in places]
    pairs += [(one.person_id, one.case_id) for one in changes.added]
    for person_id, case_id in pairs:
        found[person_id].add(case_id)
    return dict(found)
