"""Refusals over HTTP: one table from what the stations raise to status, code and public text (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

from coordinator.flows.join import SiteExists
from coordinator.flows.overview import ReleaseMissing
from coordinator.flows.sign_in import CodeRefused, SignInNeeded
from coordinator.ground.errors import CoordinatorError
from coordinator.ground.texts import Language, text
from coordinator.membership.invitation import (
    InvitationExpired,
    InvitationForOther,
    InvitationUnknown,
    InvitationUsed,
)
from coordinator.membership.ledger_root import RootRefused
from coordinator.membership.partner import PartnerUnknown
from coordinator.membership.roster import PeerWordRefused, RosterFull, RosterMissing
from coordinator.membership.site import EnrolmentRefused, SiteNotAdmitted, SiteUnknown, TransportKeyRefused
from coordinator.offers.approval import ApprovalRefused
from coordinator.offers.plan import PlanRefused, PlanUnknown
from protocols.errors import ProblemType, ProtocolError, Retry, SignatureRefused


class BodyTooLarge(CoordinatorError):
    """A request body over its bound."""


_STATUS: Mapping[type[Exception], tuple[str, int, Retry]] = {
    BodyTooLarge: ("body-too-large", 413, Retry.AFTER_CHANGE),
    InvitationUnknown: ("invitation-unknown", 403, Retry.AFTER_CHANGE),
    InvitationUsed: ("invitation-used", 403, Retry.AFTER_CHANGE),
    InvitationExpired: ("invitation-expired", 403, Retry.AFTER_CHANGE),
    InvitationForOther: ("invitation-for-other", 403, Retry.AFTER_CHANGE),
    TransportKeyRefused: ("transport-key-refused", 422, Retry.AFTER_CHANGE),
    EnrolmentRefused: ("enrolment-refused", 422, Retry.AFTER_CHANGE),
    SiteExists: ("site-exists", 409, Retry.AFTER_CHANGE),
    SiteUnknown: ("site-unknown", 403, Retry.AFTER_CHANGE),
    SiteNotAdmitted: ("site-not-admitted", 403, Retry.LATER),
    ApprovalRefused: ("approval-refused", 422, Retry.AFTER_CHANGE),
    RootRefused: ("root-refused", 422, Retry.AFTER_CHANGE),
    PeerWordRefused: ("peer-word-refused", 422, Retry.AFTER_CHANGE),
    RosterFull: ("roster-full", 409, Retry.LATER),
    RosterMissing: ("roster-missing", 404, Retry.LATER),
    PartnerUnknown: ("partner-unknown", 403, Retry.AFTER_CHANGE),
    PlanRefused: ("plan-refused", 422, Retry.AFTER_CHANGE),
    PlanUnknown: ("plan-unknown", 404, Retry.AFTER_CHANGE),
    ReleaseMissing: ("release-missing", 404, Retry.LATER),
    CodeRefused: ("code-refused", 403, Retry.AFTER_CHANGE),
    SignInNeeded: ("sign-in-needed", 401, Retry.AFTER_CHANGE),
    SignatureRefused: ("signature-refused", 401, Retry.AFTER_CHANGE),
    ProtocolError: ("message-refused", 422, Retry.AFTER_CHANGE),
}


def problem_type(error: Exception) -> ProblemType:
    """The problem an error is to others; what the table does not name is `internal-error` and says nothing."""
    known = next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), None)
    code, status, retry = known or ("internal-error", 500, Retry.LATER)
    return ProblemType(
        code=code,
        status=status,
        title_en=text(f"problems.{code}", Language.EN),
        title_ko=text(f"problems.{code}", Language.KO),
        retry=retry,
    )


def problem_response(error: Exception) -> JSONResponse:
    """The error as `application/problem+json`, both languages side by side."""
    problem = problem_type(error)
    document = {**problem.document(), **_reasons(error)}
    return JSONResponse(document, problem.status, media_type="application/problem+json")


async def answer_problem(_request: Request, error: Exception) -> JSONResponse:
    """Starlette's exception handler."""
    return problem_response(error)


def _reasons(error: Exception) -> dict[str, Any]:
    match error:
        case PlanRefused():
            return {"reasons": [_reason("plans", reason.value) for reason in error.reasons]}
        case ApprovalRefused():
            return {"reasons": [_reason("approvals", error.reason.value)]}
        case RootRefused():
            return {"reasons": [_reason("ledger_roots", error.fault.value)]}
        case _:
            return {}


def _reason(page: str, code: str) -> dict[str, str]:
    key = f"{page}.{code}"
    return {"code": code, "en": text(key, Language.EN), "ko": text(key, Language.KO)}
