"""A lead changes a project's guideline or the version of its schema, and what that touches is read anew, blind.

Each reading that counts is asked whether it stands under what holds from now on. One that does not is set aside: it
stays in the chain, counts nowhere, and its reader's place is open again. Nobody else's place is, because whoever was
asked to read a case anew would learn that another had said something that was touched. A case that was closed is open
until it has its readings again. What is touched is found out before, while others write; the transaction then asks
only what was read meanwhile, so that nobody's save waits for the rest and no reading can slip between old and new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from node.flows.act import Act
from node.flows.deal_out import deal_out
from node.flows.ward import Ward, WardWork
from node.labeling.answer_check import needs_images
from node.labeling.errors import CaseUnknown, ProjectStateRefused
from node.labeling.guideline import Guideline
from node.labeling.project import GIVES_CASES, Project, ProjectState, check_labelers, check_move
from node.labeling.reading import Reading
from node.labeling.requeue import GuidelineChange, Revision, check_guideline, touched_readings
from node.labeling.schema_shelf import schema_of

_CASES_AT_ONCE = 500


class RevisedWhat(StrEnum):
    """Why readings were set aside."""

    GUIDELINE = "guideline"
    SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class NewGuideline:
    """The text, and what of it makes earlier readings outdated: questions with options, and cases by name."""

    text: str
    changes: tuple[GuidelineChange, ...] = ()
    case_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Revised:
    """The project as it is now, and how much is read anew."""

    project: Project
    readings: int = 0
    cases: int = 0


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a revision touches of the readings up to a number of the chain."""

    revision: Revision
    number: int
    touched: tuple[Reading, ...]


def set_guideline(ward: Ward, project_id: str, new: NewGuideline, act: Act) -> Revised:
    """The guideline has a new version, readers see it with their next case, and what it touches is read anew; the same
    text makes no version and touches nothing.

    Raises:
        ProjectUnknown: there is none such.
        ProjectStateRefused: the project is archived, or gives no cases and readings are to be made anew.
        RevisionRefused, CaseUnknown: it is about what the schema or the project does not have.
    """
    seen = _seen(ward, project_id, lambda project: _by_guideline(project, new))
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        _check_revisable(project)
        schema = schema_of(project.schema_code, project.schema_version)
        check_guideline(schema, new.changes)
        if not new.case_ids <= work.project_cases.case_ids(project_id):
            raise CaseUnknown("a case is not the project's")
        if new.text == project.guideline:
            return Revised(project)
        made = Guideline(project.guideline_version + 1, new.text, act.now)
        event = act.event("guideline.changed", f"project:{project_id}", str(made.version))
        work.guidelines.add(project_id, made, event)
        revised = replace(project, guideline=new.text, guideline_version=made.version)
        if not new.changes and not new.case_ids:
            return Revised(revised)
        return _requeued(work, revised, Revision(schema, schema, new.changes, new.case_ids), seen, act)


def set_schema(ward: Ward, project_id: str, version: int, act: Act) -> Revised:
    """The project asks by this version of its schema, and every reading that does not stand under it is made anew.

    Raises:
        ProjectUnknown, SchemaUnknown: there is none such.
        ProjectStateRefused: the project is archived, or gives no cases and has readings that do not stand.
        LabelersRefused: lay labelers read here, and the version asks for free text.
    """
    seen = _seen(ward, project_id, lambda project: _by_schema(project, version))
    with ward.writing() as work:
        project = work.deals.held_for_deal(project_id)
        _check_revisable(project)
        before, after = (schema_of(project.schema_code, one) for one in (project.schema_version, version))
        if project.labelers:
            check_labelers(after)
        if version == project.schema_version:
            return Revised(project)
        event = act.event("project.schema-set", f"project:{project_id}", str(version))
        work.projects.set_schema(project_id, version, event)
        return _requeued(work, replace(project, schema_version=version), Revision(before, after), seen, act)


def _check_revisable(project: Project) -> None:
    if project.state is not ProjectState.DRAFT:
        check_move(project.state, ProjectState.OPEN)


def _by_guideline(project: Project, new: NewGuideline) -> Revision | None:
    schema = schema_of(project.schema_code, project.schema_version)
    if new.text == project.guideline or not (new.changes or new.case_ids):
        return None
    check_guideline(schema, new.changes)
    return Revision(schema, schema, new.changes, new.case_ids)


def _by_schema(project: Project, version: int) -> Revision | None:
    if version == project.schema_version:
        return None
    before, after = (schema_of(project.schema_code, one) for one in (project.schema_version, version))
    return Revision(before, after)


def _seen(ward: Ward, project_id: str, revision_of: Callable[[Project], Revision | None]) -> _Seen | None:
    """What a revision touches of what is read by now; none where it touches nothing whatever was read.

    Raises:
        ProjectUnknown, SchemaUnknown, RevisionRefused: as the revision itself does.
    """
    with ward.reading() as work:
        project = work.projects.by_id(project_id)
        revision = revision_of(project)
        if revision is None:
            return None
        return _Seen(revision, work.readings.last_number(), tuple(_touched(work, project, revision)))


def _touched_now(work: WardWork, project: Project, revision: Revision, seen: _Seen | None) -> list[Reading]:
    """What was seen and still stands, and what was read since; all anew where that was another revision."""
    if seen is None or seen.revision != revision:
        return list(_touched(work, project, revision))
    newer = work.readings.since(project.project_id, seen.number)
    said_anew = {(one.case_id, one.person_id) for one in newer}
    standing = work.requeues.standing([one.reading_id for one in seen.touched])
    untouched_since = (one for one in seen.touched if (one.case_id, one.person_id) not in said_anew)
    kept = [one for one in untouched_since if one.reading_id in standing]
    return [*kept, *_touched_of(work, revision, newer)]


def _requeued(work: WardWork, project: Project, revision: Revision, seen: _Seen | None, act: Act) -> Revised:
    touched = _touched_now(work, project, revision, seen)
    if not touched:
        return Revised(project)
    if project.state not in GIVES_CASES:
        raise ProjectStateRefused("readings would have to be made anew, and the project gives no cases")
    what = RevisedWhat.SCHEMA if revision.before != revision.after else RevisedWhat.GUIDELINE
    events = [act.event("reading.set-aside", f"reading:{one.reading_id}", what.value) for one in touched]
    work.requeues.set_aside([one.assignment_id for one in touched], what.value, events)
    cases = sorted({one.case_id for one in touched})
    reopened = work.requeues.closed_among(project.project_id, cases)
    events = [act.event("case.reopened", f"case:{case_id}", what.value) for case_id in reopened]
    work.requeues.reopen(project.project_id, reopened, events)
    deal_out(work, project.project_id, act)
    return Revised(project, len(touched), len(cases))


def _touched(work: WardWork, project: Project, revision: Revision) -> Iterator[Reading]:
    case_ids: Sequence[str] = sorted(work.project_cases.case_ids(project.project_id))
    for start in range(0, len(case_ids), _CASES_AT_ONCE):
        page = case_ids[start : start + _CASES_AT_ONCE]
        yield from _touched_of(work, revision, work.readings.of_cases(project.project_id, page))


def _touched_of(work: WardWork, revision: Revision, readings: Sequence[Reading]) -> list[Reading]:
    marked = needs_images(revision.after) and revision.before != revision.after
    read = {reading.case_id for reading in readings} if marked else set()
    return touched_readings(revision, readings, {one: work.sheets.images_of(one) for one in read})
