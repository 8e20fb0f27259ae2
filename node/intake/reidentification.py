"""Re-identification: two people let a third thing happen, that the hospital's own name of one case is read once.

Rules: whoever asks gives a reason of a few; another person, never the same, approves or refuses; the answer is for the
asker alone, once, within a day of the approval; a request nobody decides lapses after a week. A reason is a code: free
text could name the patient. The table below is all there is; a step that it does not have is refused.

It knows nothing of identities: a request names a case of this node, the answer is made elsewhere and kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from node.ground.errors import NodeError

WAITS: Final = timedelta(days=7)
"""How long a request waits for its decision."""
HOLDS: Final = timedelta(hours=24)
"""How long an approved answer can be read."""
MOST_OPEN: Final = 50
"""Requests of one asker that are not over: this is for single cases, not for lists."""


class AskReason(StrEnum):
    """Why somebody must know which patient a case is."""

    CLINICAL_ATTENTION = "clinical-attention"
    """A finding that somebody must act upon."""
    PATIENT_ASKED = "patient-asked"
    RESULT_TO_ARCHIVE = "result-to-archive"
    """What was read belongs to the images in the hospital's archive."""
    WRONG_IMAGE = "wrong-image"
    """The image is damaged, mixed up or of another patient."""
    AUTHORITY_ASKED = "authority-asked"


class ReviewRefusal(StrEnum):
    """Why a reviewer says no."""

    NOT_NEEDED = "not-needed"
    NOT_COVERED = "not-covered"
    """Neither consent nor the board's decision covers it."""
    ASK_IN_PERSON = "ask-in-person"


class ReidentificationState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SHOWN = "shown"
    LAPSED = "lapsed"


class Step(StrEnum):
    """What can be done with a request."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SHOW = "show"
    LAPSE = "lapse"


_S = ReidentificationState
STEPS: Final[Mapping[tuple[ReidentificationState, Step], ReidentificationState]] = {
    (_S.ASKED, Step.APPROVE): _S.APPROVED,
    (_S.ASKED, Step.REFUSE): _S.REFUSED,
    (_S.ASKED, Step.WITHDRAW): _S.WITHDRAWN,
    (_S.ASKED, Step.LAPSE): _S.LAPSED,
    (_S.APPROVED, Step.REFUSE): _S.REFUSED,
    (_S.APPROVED, Step.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, Step.SHOW): _S.SHOWN,
    (_S.APPROVED, Step.LAPSE): _S.LAPSED,
}
OPEN: Final = frozenset(state for state, _ in STEPS)
"""The states of a request that is not over."""
BY_ASKER: Final = frozenset({Step.WITHDRAW, Step.SHOW})
BY_ANOTHER: Final = frozenset({Step.APPROVE, Step.REFUSE})


class ReidentificationRefused(NodeError):
    """A request cannot be made, or a step cannot be taken with it."""


class CaseNotHere(ReidentificationRefused):
    """No case of this node has that name, or its patient is excluded."""


class RequestStands(ReidentificationRefused):
    """The case has a request that is not over."""


class TooManyOpen(ReidentificationRefused):
    """The asker has as many open requests as one may have."""


class RequestUnknown(ReidentificationRefused):
    """No request has that identifier."""


class OwnRequest(ReidentificationRefused):
    """Nobody decides on what they asked themselves."""


class NotTheAsker(ReidentificationRefused):
    """Only whoever asked may take the request back or read its answer."""


class RequestLapsed(ReidentificationRefused):
    """The request's time is over."""


class AnswerShown(ReidentificationRefused):
    """The answer was shown, and is shown once only."""


class RequestClosed(ReidentificationRefused):
    """The request was decided, taken back, or is not approved yet."""


class LinkMissing(ReidentificationRefused):
    """The way from this case to the hospital's own names cannot be read."""


@dataclass(frozen=True, slots=True)
class Reidentification:
    """One request, as it stands."""

    request_id: str
    case_id: str
    reason: AskReason
    state: ReidentificationState
    asked_by: str
    asked_at: datetime
    ends_at: datetime
    """Until then it waits for its decision; once approved, for its asker."""
    decided_by: str = ""
    refused_for: ReviewRefusal | None = None


def asked(request_id: str, case_id: str, reason: AskReason, *, by: str, now: datetime) -> Reidentification:
    """A request that waits for another person."""
    return Reidentification(request_id, case_id, reason, _S.ASKED, by, now, now + WAITS)


def after(
    standing: Reidentification, step: Step, *, by: str, now: datetime, refused_for: ReviewRefusal | None = None
) -> Reidentification:
    """The request after the step.

    Raises:
        NotTheAsker, OwnRequest: the step is another person's.
        RequestLapsed: it came too late. For `LAPSE`, `RequestClosed`: it came too early.
        AnswerShown, RequestClosed: the table has no such step from here.
    """
    if step in BY_ASKER and by != standing.asked_by:
        raise NotTheAsker("the step is the asker's alone")
    if step in BY_ANOTHER and by == standing.asked_by:
        raise OwnRequest("nobody decides on their own request")
    overdue = standing.state in OPEN and now >= standing.ends_at
    if (overdue or standing.state is _S.LAPSED) and step is not Step.LAPSE:
        raise RequestLapsed("the request's time is over")
    state = STEPS.get((standing.state, step))
    if state is None or (step is Step.LAPSE and not overdue):
        raise AnswerShown("shown once only") if _again(standing, step) else RequestClosed("no such step from here")
    match step:
        case Step.APPROVE:
            return replace(standing, state=state, decided_by=by, ends_at=now + HOLDS)
        case Step.REFUSE:
            return replace(standing, state=state, decided_by=by, refused_for=refused_for)
        case _:
            return replace(standing, state=state)


def _again(standing: Reidentification, step: Step) -> bool:
    return standing.state is _S.SHOWN and step is Step.SHOW
