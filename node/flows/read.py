"""A reader's day: the worklist, the next case, drafts saved as one works, and the reading that ends it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from node.consensus.vote import fuse
from node.flows.act import Act, act_of
from node.flows.ward import Ward, WardWork
from node.labeling.assignment import LEASE, Assignment, AssignmentState, DeclineReason, check_move
from node.labeling.blinding import Viewer, own
from node.labeling.chain import SALT_BYTES, ChainHead, next_entry, verify_chain
from node.labeling.draft import Draft, saved_over
from node.labeling.errors import AssignmentUnknown, ImageUnknown, ReadingExists
from node.labeling.project import Project
from node.labeling.reading import Reading, ReadingContent, check_answers
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseSheet, WorklistRow
from node.readers.person import Person, may_be_given_cases

_SEEN = (AssignmentState.HELD, AssignmentState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """What a page saves: the whole content, over the version it read."""

    expected_version: int
    content: str


@dataclass(frozen=True, slots=True)
class Submission:
    """What a page submits; the key lets it ask again when the answer was lost on the way."""

    reading_id: str
    content: ReadingContent
    idempotency_key: str | None


def worklist(ward: Ward, viewer: Viewer) -> list[WorklistRow]:
    """The viewer's own places, by open project."""
    with ward.reading() as work:
        return list(work.sheets.worklist(viewer.person_id))


def next_case(ward: Ward, person: Person, project_id: str | None, now: datetime) -> CaseSheet | None:
    """The case the reader holds, or else the next one, leased to them from now; none when their worklist is done."""
    if not may_be_given_cases(person, person.department):
        return None
    with ward.writing() as work:
        found = work.assignments.next_of(person.person_id, project_id)
        if found is None:
            return None
        held = _moved(work, found, AssignmentState.HELD, act_of(person.person_id, now))
        return work.sheets.of(held)


def sheet(ward: Ward, viewer: Viewer, assignment_id: str) -> CaseSheet:
    """The sheet of a case the viewer holds or has read.

    Raises:
        AssignmentUnknown, LeaseLapsed: it is not theirs to see, or no longer.
    """
    with ward.reading() as work:
        return work.sheets.of(_visible(own(work.assignments.by_id(assignment_id), viewer)))


def check_frame(ward: Ward, viewer: Viewer, assignment_id: str, *, image_id: str, number: int) -> None:
    """Return when the viewer may see frame `number` (from 1) of the image.

    Raises:
        AssignmentUnknown, LeaseLapsed, ImageUnknown: otherwise.
    """
    with ward.reading() as work:
        found = work.sheets.image_frames(assignment_id, image_id)
    if found is None:
        raise ImageUnknown("no such image here")
    assignment, frames = found
    _visible(own(assignment, viewer))
    if not 1 <= number <= frames:
        raise ImageUnknown("no such frame")


def draft_of(ward: Ward, viewer: Viewer, assignment_id: str) -> Draft:
    """The last saved draft; also of a lease that lapsed, so that no work is lost.

    Raises:
        AssignmentUnknown: it is not theirs.
    """
    with ward.reading() as work:
        assignment = own(work.assignments.by_id(assignment_id), viewer)
        _known(assignment)
        return work.drafts.of(assignment_id)


def save_draft(ward: Ward, viewer: Viewer, assignment_id: str, edit: DraftEdit, now: datetime) -> Draft:
    """The draft is stored and the lease renewed.

    Raises:
        AssignmentUnknown, AssignmentClosed, LeaseLapsed: it cannot be worked on.
        DraftConflict: another window saved meanwhile.
    """
    with ward.writing() as work:
        _own_held(work, viewer, assignment_id, AssignmentState.HELD)
        current = work.drafts.of(assignment_id)
        saved = saved_over(current, expected_version=edit.expected_version, content=edit.content, now=now)
        work.drafts.save(assignment_id, saved)
        work.assignments.renew(assignment_id, AssignmentState.HELD, now + LEASE)
        return saved


def submit(ward: Ward, viewer: Viewer, assignment_id: str, submission: Submission, now: datetime) -> str:
    """The reading is stored for good and chained, under the returned identifier; the last one closes its case.

    The same submission again, under the same key, returns the same identifier and stores nothing.

    Raises:
        AssignmentUnknown, AssignmentClosed, LeaseLapsed: it cannot be read.
        ReadingExists: there is another reading already.
        AnswersRefused: the answers do not fit the schema.
    """
    with ward.writing() as work:
        assignment = own(work.assignments.by_id(assignment_id, to_change=True), viewer)
        if assignment.state is AssignmentState.SUBMITTED:
            return _submitted_before(work, assignment, submission)
        _known(assignment)
        check_move(assignment.state, AssignmentState.SUBMITTED)
        project = work.projects.by_id(assignment.project_id)
        check_answers(schema_of(project.schema_code, project.schema_version), submission.content)
        act = act_of(viewer.person_id, now)
        _stored(work, assignment, submission, act)
        _close_when_complete(work, project, assignment.case_id, act)
        return submission.reading_id


def decline(ward: Ward, viewer: Viewer, assignment_id: str, reason: DeclineReason, now: datetime) -> None:
    """The case is out of the reader's worklist for good; the lead's next deal gives it to another.

    Raises:
        AssignmentUnknown, AssignmentClosed, LeaseLapsed: it cannot be declined.
    """
    with ward.writing() as work:
        assignment = _own_held(work, viewer, assignment_id, AssignmentState.DECLINED)
        event = act_of(viewer.person_id, now).event("case.declined", f"case:{assignment.case_id}", reason.value)
        work.assignments.move(assignment_id, AssignmentState.DECLINED, None, event)
        work.drafts.drop(assignment_id)


def verify_readings(ward: Ward) -> ChainHead:
    """The head of the chain when every reading is as it was submitted. Raises: ChainBroken."""
    with ward.reading() as work:
        return verify_chain(work.chain.chain())


def _moved(work: WardWork, found: Assignment, state: AssignmentState, act: Act) -> Assignment:
    check_move(found.state, state)
    lease_until = act.now + LEASE
    if found.state is state:
        work.assignments.renew(found.assignment_id, state, lease_until)
    else:
        event = act.event("case.assigned", f"case:{found.case_id}")
        work.assignments.move(found.assignment_id, state, lease_until, event)
    return Assignment(found.assignment_id, found.project_id, found.case_id, found.person_id, state, lease_until)


def _own_held(work: WardWork, viewer: Viewer, assignment_id: str, wanted: AssignmentState) -> Assignment:
    assignment = own(work.assignments.by_id(assignment_id, to_change=True), viewer)
    _known(assignment)
    check_move(assignment.state, wanted)
    return assignment


def _known(assignment: Assignment) -> None:
    """A place still waiting is not told to its reader: it could tell how long the worklist is."""
    if assignment.state is AssignmentState.WAITING:
        raise AssignmentUnknown("no such assignment")


def _visible(assignment: Assignment) -> Assignment:
    _known(assignment)
    if assignment.state not in _SEEN:
        check_move(assignment.state, AssignmentState.HELD)
    return assignment


def _submitted_before(work: WardWork, assignment: Assignment, submission: Submission) -> str:
    before = work.readings.of_assignment(assignment.assignment_id)
    asked = (submission.idempotency_key, submission.content)
    if before is not None and before.idempotency_key is not None and (before.idempotency_key, before.content) == asked:
        return before.reading_id
    raise ReadingExists("a reading was submitted already")


def _stored(work: WardWork, assignment: Assignment, submission: Submission, act: Act) -> None:
    reading = Reading(
        reading_id=submission.reading_id,
        assignment_id=assignment.assignment_id,
        project_id=assignment.project_id,
        case_id=assignment.case_id,
        person_id=assignment.person_id,
        submitted_at=act.now,
        content=submission.content,
        idempotency_key=submission.idempotency_key,
    )
    entry = next_entry(work.chain.head(), reading, secrets.token_bytes(SALT_BYTES))
    work.chain.append(reading, entry, act.event("reading.submitted", f"case:{reading.case_id}"))
    work.assignments.renew(assignment.assignment_id, AssignmentState.SUBMITTED, None)
    work.drafts.drop(assignment.assignment_id)


def _close_when_complete(work: WardWork, project: Project, case_id: str, act: Act) -> None:
    readings = work.readings.of_case(project.project_id, case_id)
    if len(readings) != project.reads_per_case:
        return
    fused = fuse(schema_of(project.schema_code, project.schema_version), readings)
    work.consensus.add(project.project_id, case_id, fused, act.event("case.closed", f"case:{case_id}"))
    work.project_cases.close_case(project.project_id, case_id, act.now)
