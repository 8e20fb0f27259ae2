"""A reader says anew what a submitted case shows; both readings are kept, and the later one counts while it can.

Whether consensus has closed follows from what other readers did. So the answer is the same before and after; only the
chain, and the lead, know whether the amended reading counts. What ends it for everybody is an act of the lead.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from node.flows.act import act_of
from node.flows.read import Submission, chain_reading, check_content, reading_now
from node.flows.ward import Ward, WardWork
from node.labeling.assignment import UNSEEN, Assignment, AssignmentState
from node.labeling.blinding import Viewer, own
from node.labeling.errors import AssignmentUnknown, NothingToAmend, ProjectStateRefused, TooManyAmendments
from node.labeling.project import GIVES_CASES
from node.labeling.reading import Amendment, AmendReason, Reading

MAX_AMENDMENTS = 5


def own_reading(ward: Ward, viewer: Viewer, assignment_id: str) -> Reading:
    """The viewer's own reading of the case, the latest version.

    Raises:
        AssignmentUnknown: it is not theirs.
        NothingToAmend: there is none.
    """
    with ward.reading() as work:
        assignment = own(work.assignments.by_id(assignment_id), viewer)
        return _versions(work, assignment)[-1]


@dataclass(frozen=True, slots=True)
class AmendedSubmission:
    """What a page submits anew, and why."""

    submission: Submission
    reason: AmendReason


def amend(ward: Ward, viewer: Viewer, assignment_id: str, amended: AmendedSubmission, now: datetime) -> str:
    """The amended reading is stored and chained, under the returned identifier; the same again under the same key
    returns the same identifier and stores nothing.

    Raises:
        AssignmentUnknown, NothingToAmend, TooManyAmendments: it cannot be amended.
        ProjectStateRefused: the lead has ended reading in the project.
        AnswersRefused: the answers do not fit the schema.
    """
    submission, reason = amended.submission, amended.reason
    with ward.writing() as work:
        assignment = own(work.assignments.by_id(assignment_id, to_change=True), viewer)
        versions = _versions(work, assignment)
        again = _sent_before(versions, submission, reason)
        if again is not None:
            return again
        if work.adjudications.is_adjudicators(assignment_id):
            raise NothingToAmend("a blind reading before a verdict stays what it is")
        if len(versions) > MAX_AMENDMENTS:
            raise TooManyAmendments("amended as often as a reading may be")
        project = work.projects.by_id(assignment.project_id)
        if project.state not in GIVES_CASES:
            raise ProjectStateRefused("reading has ended in this project")
        check_content(work, project, assignment.case_id, submission.content)
        work.chain.head()  # held first: whoever closes the case waits for this, or this sees that it is closed
        counts = not work.project_cases.is_closed(assignment.project_id, assignment.case_id)
        amendment = Amendment(versions[-1].reading_id, reason, counts)
        reading = reading_now(project, assignment, submission, now)
        chain_reading(work, replace(reading, amendment=amendment), act_of(viewer.person_id, now))
        return submission.reading_id


def _versions(work: WardWork, assignment: Assignment) -> list[Reading]:
    """The reading that was made last from the beginning, with what was amended of it."""
    if assignment.state in UNSEEN:
        raise AssignmentUnknown("no such assignment")
    if assignment.state is not AssignmentState.SUBMITTED:
        raise NothingToAmend("no reading to amend")
    versions = work.readings.versions(assignment.assignment_id)
    if not versions:
        raise NothingToAmend("no reading to amend")
    anew = [at for at, one in enumerate(versions) if one.amendment and one.amendment.reason is AmendReason.READ_ANEW]
    return versions[anew[-1] if anew else 0 :]


def _sent_before(versions: list[Reading], submission: Submission, reason: AmendReason) -> str | None:
    key = submission.idempotency_key
    for reading in versions:
        if key is not None and reading.amendment is not None and reading.idempotency_key == key:
            same = (reading.content, reading.amendment.reason) == (submission.content, reason)
            return reading.reading_id if same else None
    return None
