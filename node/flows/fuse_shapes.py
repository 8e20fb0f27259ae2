"""What readers drew is fused once a case is closed: by a chore, never by a reader's act, and outside any transaction.

Fusing masks takes seconds; no reader's save waits for it, and no reader can see when it happened. What is known to be
true of shapes (`flows.import_labels`) anchors it as far as it is there at that moment; what was fused stays as it is.
A case that cannot be fused is kept as doubted, without shapes, and holds up no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from node.consensus.fused_shapes import FUSED, NOT_FUSED, ShapeConsensus
from node.flows.act import Act
from node.flows.projects import closed_cases
from node.flows.ward import Ward, WardWork
from node.ground.logs import log
from node.labeling.blinding import Viewer
from node.labeling.outside import GOLD_SOURCE, OutsideReading
from node.labeling.project import Project
from node.labeling.reading import Answer
from node.labeling.schema_shelf import schema_of

if TYPE_CHECKING:
    from node.consensus.shape_consensus import DrawnCase

CASES_AT_ONCE: Final = 10


@dataclass(frozen=True, slots=True)
class FusedCase:
    """A closed case with its fused shapes, for the lead; none while they are still to be fused."""

    case_id: str
    consensus: ShapeConsensus | None


def fuse_due_shapes(
    ward: Ward, act: Act, project_id: str | None = None, *, goes_on: Callable[[], bool] = lambda: True
) -> int:
    """How many closed cases have their shapes now that had none: of every project in its turn, or of one.

    `goes_on` is asked before each case; what is left then is still due.
    """
    with ward.reading() as work:
        due = [one for one in work.projects.all() if project_id in (None, one.project_id) and _draws(one)]
    return sum(_fuse_project(ward, project, goes_on, act) for project in due)


def _fuse_project(ward: Ward, project: Project, goes_on: Callable[[], bool], act: Act) -> int:
    done = 0
    while goes_on():
        with ward.reading() as work:
            due = dict(work.fused_shapes.due(project.project_id, CASES_AT_ONCE))
            cases, gold = _drawn(work, project, due) if due else ({}, [])
        if not due:
            return done
        kept = [
            _fused(ward, project, (case_id, due[case_id]), (case, gold), act)
            for case_id, case in cases.items()
            if goes_on()
        ]
        if not any(kept):
            return done  # all of them were opened again, or fused by somebody else, meanwhile
        done += sum(kept)
    return done


def fused_cases(ward: Ward, project_id: str, viewer: Viewer, *, after_case_id: str, limit: int) -> list[FusedCase]:
    """Closed cases with their fused shapes, in order of case_id; none the viewer may come to read.

    Raises:
        ProjectUnknown: there is no such project.
    """
    shown = [one.case_id for one in closed_cases(ward, project_id, viewer, after_case_id=after_case_id, limit=limit)]
    with ward.reading() as work:
        fused = work.fused_shapes.of_cases(project_id, shown)
    return [FusedCase(case_id, fused.get(case_id)) for case_id in shown]


def _draws(project: Project) -> bool:
    schema = schema_of(project.schema_code, project.schema_version)
    asked = [question.geometry for question in schema.questions if question.geometry is not None]
    return any(not FUSED.isdisjoint(one.shapes) for one in asked)


def _drawn(
    work: WardWork, project: Project, due: Mapping[str, datetime]
) -> tuple[dict[str, DrawnCase], list[DrawnCase]]:
    """These cases as they were read, and the cases of which true shapes are known."""
    from node.consensus.shape_consensus import GOLD_CASES_AT_MOST, DrawnCase

    true = {one.case_id: one for one in work.outside.of_source(project.project_id, GOLD_SOURCE)}
    anchors = sorted(true)[:GOLD_CASES_AT_MOST]
    answers = _answers(work, project, sorted({*due, *anchors}))
    made = {case_id: DrawnCase(answers.get(case_id, {}), _truth(true.get(case_id))) for case_id in {*due, *anchors}}
    return {case_id: made[case_id] for case_id in due}, [made[case_id] for case_id in anchors]


def _truth(known: OutsideReading | None) -> Sequence[Answer] | None:
    return None if known is None else known.answers


def _answers(work: WardWork, project: Project, case_ids: Sequence[str]) -> dict[str, dict[str, Sequence[Answer]]]:
    found: dict[str, dict[str, Sequence[Answer]]] = {}
    for reading in work.readings.of_cases(project.project_id, case_ids):
        found.setdefault(reading.case_id, {})[reading.person_id] = reading.content.answers
    return found


def _fused(
    ward: Ward, project: Project, due: tuple[str, datetime], read: tuple[DrawnCase, list[DrawnCase]], act: Act
) -> bool:
    from node.consensus.shape_consensus import fuse_shapes  # numpy: only where a case is to be fused

    schema = schema_of(project.schema_code, project.schema_version)
    try:
        fused = fuse_shapes(schema, *read)
    except Exception as error:  # noqa: BLE001 - what somebody drew may stop one case, and no other
        log().error("shapes not fused", case_id=due[0], error_type=type(error).__name__)
        fused = ShapeConsensus(doubts=(NOT_FUSED,))
    with ward.writing() as work:
        event = act.event("case.shapes-fused", f"case:{due[0]}", ",".join(fused.doubts))
        return work.fused_shapes.keep(project.project_id, due, fused, event)
