"""A lead says how a project fuses, and which cases are gold; readers are estimated then, and never by a reader's act.

An estimate is made from all closed cases and the gold of that moment, outside any transaction, and holds until the lead
asks again. Cases closed before keep their consensus: what a model has learnt from does not change behind it. Gold cases
are read like any other, and nobody who reads can see which they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from node.consensus.closing import close, estimate
from node.consensus.errors import GoldRefused
from node.consensus.voted import voted_of
from node.consensus.way import Method
from node.flows.act import Act
from node.flows.projects import OriginalLookup, Reference
from node.flows.ward import Ward, WardWork
from node.labeling.project import Project
from node.labeling.reading import Reading
from node.labeling.schema_shelf import schema_of

_CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class WayOfFusing:
    """How a project fuses, for its lead; `doubted` names what was voted on where readers could not be told apart."""

    method: Method
    cases: int
    gold_cases: int
    doubted: tuple[str, ...]
    estimated_at: datetime | None


def way_of(ward: Ward, project_id: str) -> WayOfFusing:
    """How the project fuses. Raises: ProjectUnknown."""
    with ward.reading() as work:
        work.projects.by_id(project_id)
        return _told(work, project_id)


def set_way(ward: Ward, project_id: str, method: Method, act: Act) -> WayOfFusing:
    """The project fuses so from now on; its readers are estimated anew.

    Raises:
        ProjectUnknown: there is no such project.
    """
    with ward.reading() as work:
        project = work.projects.by_id(project_id)
        gold = work.fusions.gold(project_id)
    readings, cases = _closed(ward, project_id) if method is not Method.VOTE else ([], 0)
    found = estimate(schema_of(project.schema_code, project.schema_version), readings, gold, method)
    with ward.writing() as work:
        event = act.event("project.fusion-set", f"project:{project_id}", method.value)
        work.fusions.set_way(project_id, method, found, cases=cases, event=event)
        return _told(work, project_id)


def set_gold(
    ward: Ward, lookup: OriginalLookup, project_id: str, references: Sequence[Reference], act: Act
) -> tuple[int, int]:
    """Exactly the cases these references name are gold: how many were found here, and how many not.

    Raises:
        ProjectUnknown: there is no such project.
        GoldRefused: the schema votes on several things, an option is unknown, or two options for one case.
    """
    image_ids = {reference.sop_instance_uid: lookup.image_id(reference.sop_instance_uid) for reference in references}
    with ward.writing() as work:
        project = work.projects.by_id(project_id)
        voted = _only_vote(project, {reference.option for reference in references})
        inside = work.project_cases.case_ids(project_id)
        case_of = work.cases.case_ids_of_images([image for image in image_ids.values() if image is not None])
        found = {
            (case_of[image], reference.option)
            for reference in references
            if (image := image_ids[reference.sop_instance_uid]) is not None and case_of.get(image) in inside
        }
        if len({case_id for case_id, _ in found}) != len(found):
            raise GoldRefused("two references disagree about one case")
        event = act.event("project.gold-set", f"project:{project_id}")
        work.fusions.set_gold(project_id, {(case_id, voted): option for case_id, option in found}, event)
    return len(found), len(references) - len(found)


def close_when_complete(work: WardWork, project: Project, case_id: str, act: Act) -> None:
    """The case is closed with its consensus, if all its readings are in; how many that is may depend on what they say
    (`flows.extra_reads`), and then no reader's act closes it.
    """
    if project.reads_at_most is not None:
        return
    readings = work.readings.of_case(project.project_id, case_id)
    if len(readings) != project.reads_per_case:
        return
    schema = schema_of(project.schema_code, project.schema_version)
    fused = close(schema, readings, work.fusions.of_project(project.project_id))
    work.consensus.add(project.project_id, case_id, fused, act.event("case.closed", f"case:{case_id}"))
    work.project_cases.close_case(project.project_id, case_id, act.now)


def _only_vote(project: Project, options: set[str]) -> str:
    voted = list(voted_of(schema_of(project.schema_code, project.schema_version)))
    if len(voted) != 1:
        raise GoldRefused("gold references need a schema that votes on one thing")
    if not options <= set(voted[0].options):
        raise GoldRefused("a reference names an option the schema does not have")
    return voted[0].name


def _told(work: WardWork, project_id: str) -> WayOfFusing:
    fusing, told, gold = work.fusions.of_project(project_id), work.fusions.told(project_id), _cases_of(work, project_id)
    doubted = tuple(sorted(name for name, one in fusing.estimates.items() if one.doubted))
    cases, at = told if told is not None else (0, None)
    return WayOfFusing(fusing.method, cases, gold, doubted, at)


def _cases_of(work: WardWork, project_id: str) -> int:
    return len({case_id for case_id, _ in work.fusions.gold(project_id)})


def _closed(ward: Ward, project_id: str) -> tuple[list[Reading], int]:
    """Every reading of the closed cases, and how many cases those are."""
    readings: list[Reading] = []
    cases, after = 0, ""
    while True:
        with ward.reading() as work:
            page = work.consensus.closed_cases(project_id, after_case_id=after, limit=_CASES_AT_ONCE)
        readings += [reading for case in page for reading in case.readings]
        cases += len(page)
        if len(page) < _CASES_AT_ONCE:
            return readings, cases
        after = page[-1].case_id
