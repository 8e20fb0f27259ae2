"""The next reader is asked only while consensus is less sure than the project's bound; decided in deals alone.

A deal closes the cases that want no more readings and on which nobody has an unfinished place, and says of every other
how many it wants. A place once dealt is not taken back because others made the case sure: nothing in a worklist moves
for what others said. The hospital's key draws a share of the cases for an extra reading whatever was said, and the lead
sees what an extra reading could at most tell its reader.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.consensus.adaptive import KEY_BYTES, AdaptiveReads, ReadSoFar, reads_wanted, told_by_an_extra_read
from node.consensus.errors import AdaptiveReadsRefused
from node.consensus.vote import QuestionConsensus
from node.flows.act import Act
from node.flows.extra_read_ports import KeptAdaptiveReads
from node.flows.ward import Ward, WardWork
from node.labeling.assignment import Assignment, AssignmentState
from node.labeling.errors import ProjectStateRefused
from node.labeling.project import GIVES_CASES, MAX_READS_PER_CASE, Project, ProjectState
from node.labeling.schema_shelf import schema_of

_CASES_AT_ONCE = 500
_PENDING = frozenset({AssignmentState.WAITING, AssignmentState.HELD, AssignmentState.REQUEUED})


@dataclass(frozen=True, slots=True)
class ExtraReads:
    """A project's setting, for its lead; none where every case is read equally often."""

    setting: AdaptiveReads | None
    told: float
    """What an extra reading could at most tell its reader: the share that were asked because a case was unsure."""


def extra_reads_of(ward: Ward, project_id: str) -> ExtraReads:
    """How the project asks for extra readings. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return _told(work, project_id)


def checked(project: Project, *, bound: float, at_most: int, by_chance: float) -> AdaptiveReads:
    """The setting of a project. Raises: AdaptiveReadsRefused where its numbers are not in order."""
    try:
        made = AdaptiveReads(bound, project.reads_per_case, at_most, by_chance)
    except ValueError:
        raise AdaptiveReadsRefused("numbers not in order") from None
    if at_most > MAX_READS_PER_CASE:
        raise AdaptiveReadsRefused("too many readings")
    return made


def set_extra_reads(ward: Ward, project_id: str, asked: tuple[float, int, float] | None, act: Act) -> ExtraReads:
    """The project asks so from its next deal on, or as often as before. `asked`: bound, at most, share by chance.

    Raises:
        ProjectUnknown: there is none such.
        ProjectStateRefused: it is archived.
        AdaptiveReadsRefused: the numbers are not in order.
    """
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        if project.state is ProjectState.ARCHIVED:
            raise ProjectStateRefused("an archived project stays as it is")
        kept = None
        if asked is not None:
            bound, at_most, by_chance = asked
            before = work.adaptive.of(project_id)
            key = secrets.token_bytes(KEY_BYTES) if before is None else before.key
            kept = KeptAdaptiveReads(checked(project, bound=bound, at_most=at_most, by_chance=by_chance), key)
        elif project.reads_at_most is not None:
            _close_all(work, project, act)
        work.adaptive.set(project_id, kept, act.event("project.extra-reads-set", f"project:{project_id}"))
        return _told(work, project_id)


def reads_of_cases(work: WardWork, project: Project, places: Iterable[Assignment], act: Act) -> dict[str, int]:
    """How many readings each case of the project wants that was read; those that want no more are closed.

    Nothing where every case is read equally often.
    """
    kept = work.adaptive.of(project.project_id) if project.reads_at_most is not None else None
    if kept is None or project.state not in GIVES_CASES:
        return {}
    submitted, pending = _counts(places)
    ripe = [case for case in work.deals.open_case_ids(project.project_id) if submitted[case] >= project.reads_per_case]
    wanted: dict[str, int] = {}
    for case_id, readings, fused in _fused(work, project, ripe):
        so_far = ReadSoFar(case_id, readings, min((one.posterior for one in fused), default=1.0))
        more = reads_wanted(kept.setting, so_far, kept.key) - readings
        if more <= 0 and not pending[case_id]:
            _close(work, project, case_id, fused, act)
        else:
            wanted[case_id] = submitted[case_id] + max(more, pending[case_id])
    return wanted


def _close_all(work: WardWork, project: Project, act: Act) -> None:
    """Cases with all the readings that every case wants are closed, now that none wants more."""
    submitted, pending = _counts(work.deals.of_project(project.project_id))
    done = [
        case_id
        for case_id in work.deals.open_case_ids(project.project_id)
        if submitted[case_id] >= project.reads_per_case and not pending[case_id]
    ]
    for case_id, _, fused in _fused(work, project, done):
        _close(work, project, case_id, fused, act)


def _counts(places: Iterable[Assignment]) -> tuple[Counter[str], Counter[str]]:
    """Submitted and unfinished places by case."""
    submitted: Counter[str] = Counter()
    pending: Counter[str] = Counter()
    for place in places:
        submitted[place.case_id] += place.state is AssignmentState.SUBMITTED
        pending[place.case_id] += place.state in _PENDING
    return submitted, pending


def _fused(
    work: WardWork, project: Project, case_ids: Sequence[str]
) -> Iterable[tuple[str, int, tuple[QuestionConsensus, ...]]]:
    """Each case with its number of readings and what they say together."""
    if not case_ids:
        return
    from node.consensus.closing import close  # numpy: only where a project has cases to fuse in a deal

    schema = schema_of(project.schema_code, project.schema_version)
    fusing = work.fusions.of_project(project.project_id)
    for start in range(0, len(case_ids), _CASES_AT_ONCE):
        page = case_ids[start : start + _CASES_AT_ONCE]
        found = work.readings.of_cases(project.project_id, page)
        for case_id in page:
            readings = [one for one in found if one.case_id == case_id]
            yield case_id, len(readings), close(schema, readings, fusing)


def _close(work: WardWork, project: Project, case_id: str, fused: tuple[QuestionConsensus, ...], act: Act) -> None:
    work.consensus.add(project.project_id, case_id, fused, act.event("case.closed", f"case:{case_id}"))
    work.project_cases.close_case(project.project_id, case_id, act.now)


def _told(work: WardWork, project_id: str) -> ExtraReads:
    kept = work.adaptive.of(project_id)
    if kept is None:
        return ExtraReads(None, 0.0)
    submitted, _ = _counts(work.deals.of_project(project_id))
    cases = [ReadSoFar(case_id, readings, None) for case_id, readings in submitted.items()]
    return ExtraReads(kept.setting, told_by_an_extra_read(kept.setting, cases, kept.key))
