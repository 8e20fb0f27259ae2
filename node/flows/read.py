"""A reader's day: the worklist, the next case, drafts saved as one works, and the reading that ends it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from node.flows.act import Act, act_of
from node.flows.adjudicate import given_back, read_blind
from node.flows.deal_out import suits_some
from node.flows.fusing import close_when_complete
from node.flows.rates import bound_before, bound_now, owe
from node.flows.ward import Ward, WardWork
from node.ground.ids import new_id
from node.labeling.answer_check import check_answers, needs_images
from node.labeling.assignment import LEASE, UNSEEN, Assignment, AssignmentState, DeclineReason, check_move
from node.labeling.blinding import Viewer, own
from node.labeling.chain import SALT_BYTES, next_entry
from node.labeling.draft import ChangeKind, ChangeSet, Draft, JournalEntry, acknowledged, applied
from node.labeling.errors import AssignmentUnknown, ImageUnknown, ReadingExists
from node.labeling.fatigue import check_rested
from node.labeling.project import Project
from node.labeling.reading import Amendment, AmendReason, Basis, Reading, ReadingContent
from node.labeling.schema_shelf import schema_of
from node.labeling.worklist import CaseSheet, WorklistRow
from node.readers.eligibility import may_read
from node.readers.person import Person
from node.readers.roles import Role

_SEEN = (AssignmentState.HELD, AssignmentState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class DraftEdit:
    """What a page saves, over the version it read: the whole content, or what is to be merged into it."""

    expected_version: int
    content: str
    kind: ChangeKind = ChangeKind.REPLACE
    change_set_id: str = field(default_factory=new_id)


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
    if not may_read(person, now):
        return None
    with ward.writing() as work:
        found = _next_place(work, person, project_id, now)
        if found is None:
            return None
        sheet_of_it = work.sheets.of(found)
        _check_rested(work, found, sheet_of_it.project, now)
        act = act_of(person.person_id, now)
        held = _moved(work, found, AssignmentState.HELD, act)
        taken = found.state is not AssignmentState.HELD
        rate = bound_now(work, held, person, act) if taken else bound_before(work, held.assignment_id)
        return replace(sheet_of_it, assignment=held, rate=rate)


def sheet(ward: Ward, viewer: Viewer, assignment_id: str) -> CaseSheet:
    """The sheet of a case the viewer holds or has read.

    Raises:
        AssignmentUnknown, LeaseLapsed: it is not theirs to see, or no longer.
    """
    with ward.reading() as work:
        found = _visible(own(work.assignments.by_id(assignment_id), viewer))
        return replace(work.sheets.of(found), rate=bound_before(work, assignment_id))


def check_frame(ward: Ward, viewer: Viewer, assignment_id: str, *, image_id: str, number: int) -> str:
    """The stored image, when the viewer may see frame `number` (from 1) of this one.

    Raises:
        AssignmentUnknown, LeaseLapsed, ImageUnknown: otherwise.
    """
    with ward.reading() as work:
        found = work.sheets.image_frames(assignment_id, image_id)
    if found is None:
        raise ImageUnknown("no such image here")
    assignment, frames, stored = found
    _visible(own(assignment, viewer))
    if not 1 <= number <= frames:
        raise ImageUnknown("no such frame")
    return stored


def draft_of(ward: Ward, viewer: Viewer, assignment_id: str) -> Draft:
    """The last saved draft; also of a lease that lapsed, so that no work is lost.

    Raises:
        AssignmentUnknown: it is not theirs.
    """
    with ward.reading() as work:
        assignment = own(work.assignments.by_id(assignment_id), viewer)
        _known(assignment)
        return work.drafts.of(assignment_id)


def draft_changes(ward: Ward, viewer: Viewer, assignment_id: str, after: int) -> list[JournalEntry]:
    """The journal of the draft after a version, for a page that has to catch up. Raises: AssignmentUnknown."""
    with ward.reading() as work:
        _known(own(work.assignments.by_id(assignment_id), viewer))
        return list(work.journal.after(assignment_id, after))


def save_draft(ward: Ward, viewer: Viewer, assignment_id: str, edit: DraftEdit, now: datetime) -> JournalEntry:
    """The change set is in the journal, and the lease renewed; one that is there already is answered as it was.

    Raises:
        AssignmentUnknown, AssignmentClosed, LeaseLapsed: it cannot be worked on.
        DraftConflict: another window saved meanwhile.
        ChangeSetReused, DraftTooLarge: the change set cannot be taken.
    """
    change_set = ChangeSet(edit.kind, edit.content, edit.change_set_id)
    with ward.writing() as work:
        _own_held(work, viewer, assignment_id, AssignmentState.HELD)
        current = work.drafts.of(assignment_id)
        before = work.journal.find(assignment_id, edit.change_set_id)
        entry = acknowledged(current, before, change_set, expected_version=edit.expected_version, now=now)
        if before is None:
            work.journal.append(assignment_id, entry, applied(current, entry))
        work.assignments.renew(assignment_id, AssignmentState.HELD, now + LEASE)
        return entry


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
        before = work.readings.versions(assignment_id)
        again = _sent_before(before, submission)
        if again is not None:
            return again
        if assignment.state is AssignmentState.SUBMITTED:
            raise ReadingExists("a reading was submitted already")
        _known(assignment)
        check_move(assignment.state, AssignmentState.SUBMITTED)
        project = work.projects.by_id(assignment.project_id)
        check_content(work, project, assignment.case_id, submission.content)
        act = act_of(viewer.person_id, now)
        reading = _after(before, reading_now(project, assignment, submission, now))
        chain_reading(work, reading, act)
        owe(work, reading)
        work.assignments.renew(assignment.assignment_id, AssignmentState.SUBMITTED, None)
        work.drafts.drop(assignment.assignment_id)
        if not read_blind(work, assignment):
            close_when_complete(work, project, assignment.case_id, act)
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
        given_back(work, assignment)
        work.drafts.drop(assignment_id)


def check_content(work: WardWork, project: Project, case_id: str, content: ReadingContent) -> None:
    """Return when the content answers the project's schema for this case. Raises: AnswersRefused."""
    schema = schema_of(project.schema_code, project.schema_version)
    images = work.sheets.images_of(case_id) if needs_images(schema) else ()
    check_answers(schema, content.answers, images)


def reading_now(project: Project, assignment: Assignment, submission: Submission, now: datetime) -> Reading:
    """The reading that a submission makes, with what it was made under."""
    return Reading(
        reading_id=submission.reading_id,
        assignment_id=assignment.assignment_id,
        project_id=assignment.project_id,
        case_id=assignment.case_id,
        person_id=assignment.person_id,
        submitted_at=now,
        content=submission.content,
        idempotency_key=submission.idempotency_key,
        basis=_basis_of(project),
    )


def _basis_of(project: Project) -> Basis:
    """What a reading of the project is made under now; nothing here suggests answers yet."""
    return Basis(
        schema_code=project.schema_code,
        schema_version=project.schema_version,
        guideline_version=project.guideline_version,
        guideline_sha256=hashlib.sha256(project.guideline.encode("utf-8")).hexdigest(),
        suggestion_shown=False,
    )


def chain_reading(work: WardWork, reading: Reading, act: Act) -> None:
    """The reading is stored for good, as the head of the chain."""
    action, reason = "reading.submitted", ""
    if reading.amendment is not None and reading.amendment.reason is AmendReason.READ_ANEW:
        reason = reading.amendment.reason.value
    elif reading.amendment is not None:
        action, reason = "reading.amended", reading.amendment.reason.value
    entry = next_entry(work.chain.head(), reading, secrets.token_bytes(SALT_BYTES))
    work.chain.append(reading, entry, act.event(action, f"case:{reading.case_id}", reason))


def _next_place(work: WardWork, person: Person, project_id: str | None, now: datetime) -> Assignment | None:
    """A labeler's certificates are asked again: one that ended after the deal opens nothing."""
    if Role.READER in person.roles:
        return work.assignments.next_of(person.person_id, project_id)
    tasks = work.certificates.open_tasks(now).get(person.person_id, frozenset())
    for project in list(work.projects.all()):
        if project_id in (None, project.project_id) and suits_some(person, project, tasks, now):
            found = work.assignments.next_of(person.person_id, project.project_id)
            if found is not None:
                return found
    return None


def _check_rested(work: WardWork, found: Assignment, project: Project, now: datetime) -> None:
    if found.state is AssignmentState.WAITING and project.rest is not None:
        latest = work.assignments.submitted_moments(found.person_id, project.rest.after_readings)
        check_rested(project.rest, latest, now)


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
    """A place not yet taken is not told to its reader: it could tell how long the worklist is."""
    if assignment.state in UNSEEN:
        raise AssignmentUnknown("no such assignment")


def _visible(assignment: Assignment) -> Assignment:
    _known(assignment)
    if assignment.state not in _SEEN:
        check_move(assignment.state, AssignmentState.HELD)
    return assignment


def _sent_before(before: list[Reading], submission: Submission) -> str | None:
    asked, key = (submission.idempotency_key, submission.content), submission.idempotency_key
    same = (one.reading_id for one in before if key is not None and (one.idempotency_key, one.content) == asked)
    return next(same, None)


def _after(before: list[Reading], reading: Reading) -> Reading:
    """The reading as it follows those that were set aside, if there are any."""
    if not before:
        return reading
    return replace(reading, amendment=Amendment(before[-1].reading_id, AmendReason.READ_ANEW, counts=True))
