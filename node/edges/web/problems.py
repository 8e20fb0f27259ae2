"""Every refusal as a problem document (RFC 9457) in Korean and English: one table from errors to problem types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse

from node.consensus import errors as consensus
from node.deidentify import errors as images
from node.flows import quarantine
from node.ground.errors import NodeError
from node.ground.texts import Language, text
from node.intake import errors as intake
from node.intake import reidentification as who
from node.labeling import errors as labeling
from node.labeling.answer_fault import AnswerFault
from node.labeling.draft import MAX_DRAFT_BYTES
from node.pay import errors as pay
from node.readers import errors as readers
from node.readers.passwords import MIN_CHARACTERS
from node.teaching import errors as teaching
from protocols.errors import ProblemType, Retry


def problem_type(code: str, status: int, retry: Retry = Retry.AFTER_CHANGE) -> ProblemType:
    """The problem type of this code, with its titles from the texts of this edge."""
    key = f"web.problem_{code.replace('-', '_')}"
    fields = {"characters": MIN_CHARACTERS, "kibibytes": MAX_DRAFT_BYTES // 1024}
    return ProblemType(
        code=code,
        status=status,
        title_en=text(key, Language.EN, **fields),
        title_ko=text(key, Language.KO, **fields),
        retry=retry,
    )


NOT_SIGNED_IN = problem_type("not-signed-in", 401)
TOKEN_REFUSED = problem_type("token-refused", 401, Retry.NEVER)
ROLE_MISSING = problem_type("role-missing", 403)
ON_SITE_ONLY = problem_type("on-site-only", 403)
CSRF_MISSING = problem_type("csrf-missing", 403)
NOT_FOUND = problem_type("not-found", 404)
METHOD_UNKNOWN = problem_type("method-unknown", 405)
BODY_TOO_LARGE = problem_type("body-too-large", 413)
NOT_JSON = problem_type("not-json", 415)
REQUEST_REFUSED = problem_type("request-refused", 422)
VERSION_MISSING = problem_type("version-missing", 428)
IMAGE_UNREADABLE = problem_type("image-unreadable", 409, Retry.NEVER)
INTERNAL = problem_type("internal-error", 500, Retry.LATER)

PROBLEMS: Mapping[type[NodeError], ProblemType] = {
    readers.SessionEnded: NOT_SIGNED_IN,
    readers.SignInRefused: problem_type("sign-in-refused", 401),
    readers.SignInThrottled: problem_type("sign-in-throttled", 429, Retry.LATER),
    readers.PersonUnknown: NOT_FOUND,
    readers.NameTaken: problem_type("name-taken", 409),
    readers.RolesConflict: problem_type("roles-conflict", 422),
    readers.DepartmentUnknown: problem_type("department-unknown", 422),
    readers.DepartmentListRefused: problem_type("department-list-refused", 422),
    readers.LicenceRefused: problem_type("licence-refused", 422),
    readers.StandingRefused: problem_type("standing-refused", 422),
    readers.PledgeOutdated: problem_type("pledge-outdated", 409),
    readers.CertificateRefused: problem_type("certificate-refused", 422),
    teaching.CertificateUnknown: NOT_FOUND,
    teaching.CourseUnknown: NOT_FOUND,
    teaching.CourseItemUnknown: NOT_FOUND,
    teaching.CourseRefused: problem_type("course-refused", 422),
    teaching.CourseAnswerRefused: problem_type("course-answer-refused", 422),
    teaching.CourseCasesShort: problem_type("course-cases-short", 409),
    teaching.CourseNotReady: problem_type("course-not-ready", 409),
    teaching.ExamUnknown: NOT_FOUND,
    teaching.ExamNotOpen: problem_type("exam-not-open", 409),
    teaching.ExamOver: problem_type("exam-over", 409, Retry.NEVER),
    teaching.ExamRuns: problem_type("exam-runs", 409, Retry.LATER),
    readers.ApplicationUnknown: NOT_FOUND,
    readers.ApplicationDecided: problem_type("application-decided", 409, Retry.NEVER),
    readers.ApplicationsFull: problem_type("applications-full", 429, Retry.LATER),
    readers.RateRefused: problem_type("rate-refused", 422),
    pay.CardRefused: problem_type("card-refused", 422),
    pay.MonthRefused: NOT_FOUND,
    pay.MonthRunning: problem_type("month-running", 409, Retry.LATER),
    pay.MonthClosed: problem_type("month-closed", 409, Retry.NEVER),
    pay.CategoriesMissing: problem_type("categories-missing", 409),
    pay.WithholdingUnknown: problem_type("withholding-unknown", 409),
    pay.StatementUnknown: NOT_FOUND,
    pay.VerdictUnknown: NOT_FOUND,
    pay.ContestUnknown: NOT_FOUND,
    pay.ContestStands: problem_type("contest-stands", 409, Retry.NEVER),
    pay.ContestsOpen: problem_type("contests-open", 409),
    pay.CorrectionRefused: problem_type("correction-refused", 422),
    readers.TokenUnknown: problem_type("token-unknown", 404, Retry.NEVER),
    readers.TokenRefused: problem_type("token-not-made", 422),
    readers.PasswordTooWeak: problem_type("password-too-weak", 422),
    labeling.ProjectUnknown: NOT_FOUND,
    labeling.SchemaUnknown: problem_type("schema-unknown", 422),
    labeling.PermissionRefused: problem_type("permission-refused", 422),
    labeling.PilotRefused: problem_type("pilot-refused", 422),
    labeling.GuidelineUnknown: NOT_FOUND,
    labeling.RevisionRefused: problem_type("revision-refused", 422),
    labeling.RestRefused: problem_type("rest-refused", 422),
    labeling.RepeatsRefused: problem_type("repeats-refused", 422),
    consensus.AdaptiveReadsRefused: problem_type("extra-reads-refused", 422),
    labeling.RestDue: problem_type("rest-due", 429, Retry.LATER),
    labeling.LabelersRefused: problem_type("labelers-refused", 422),
    labeling.ProjectStateRefused: problem_type("project-state-refused", 409),
    labeling.AssignmentUnknown: NOT_FOUND,
    labeling.ImageUnknown: NOT_FOUND,
    labeling.LeaseLapsed: problem_type("lease-lapsed", 409, Retry.NEVER),
    labeling.AssignmentClosed: problem_type("assignment-closed", 409, Retry.NEVER),
    labeling.ReadingExists: problem_type("reading-exists", 409, Retry.NEVER),
    labeling.DraftConflict: problem_type("draft-conflict", 412),
    labeling.NothingToAmend: problem_type("nothing-to-amend", 409, Retry.NEVER),
    labeling.TooManyAmendments: problem_type("too-many-amendments", 409, Retry.NEVER),
    labeling.CaseUnknown: NOT_FOUND,
    labeling.ConcernUnknown: NOT_FOUND,
    labeling.ConcernClosed: problem_type("concern-closed", 409, Retry.NEVER),
    labeling.OutcomeRefused: problem_type("outcome-refused", 422),
    labeling.ReadingsHeld: problem_type("readings-held", 409, Retry.NEVER),
    labeling.ChangeSetReused: problem_type("change-set-reused", 409, Retry.NEVER),
    labeling.DraftTooLarge: BODY_TOO_LARGE,
    labeling.AnswersRefused: problem_type("answers-refused", 422),
    labeling.HoldoutRefused: problem_type("holdout-refused", 422),
    consensus.GoldRefused: problem_type("gold-refused", 422),
    consensus.AdjudicationRefused: problem_type("adjudication-refused", 409),
    images.FrameMissing: NOT_FOUND,
    images.SandboxUnavailable: problem_type("image-later", 503, Retry.LATER),
    images.UnreadableImage: IMAGE_UNREADABLE,
    intake.CleanMissing: IMAGE_UNREADABLE,
    quarantine.NotInQuarantine: problem_type("not-in-quarantine", 404, Retry.NEVER),
    quarantine.NotReleasable: problem_type("not-releasable", 409, Retry.NEVER),
    quarantine.NotDeletable: problem_type("not-deletable", 409, Retry.NEVER),
    quarantine.NotLookedAt: problem_type("not-looked-at", 409),
    quarantine.DecisionOutdated: problem_type("decision-outdated", 409),
    quarantine.NothingToShow: problem_type("nothing-to-show", 409, Retry.NEVER),
    who.CaseNotHere: problem_type("case-not-here", 404),
    who.RequestUnknown: NOT_FOUND,
    who.RequestStands: problem_type("request-stands", 409),
    who.TooManyOpen: problem_type("too-many-open", 409),
    who.OwnRequest: problem_type("own-request", 403, Retry.NEVER),
    who.NotTheAsker: problem_type("not-the-asker", 403, Retry.NEVER),
    who.RequestLapsed: problem_type("request-lapsed", 409, Retry.NEVER),
    who.AnswerShown: problem_type("answer-shown", 409, Retry.NEVER),
    who.RequestClosed: problem_type("request-closed", 409),
    who.LinkMissing: problem_type("link-missing", 409, Retry.NEVER),
    intake.NumberInvalid: problem_type("number-invalid", 422),
    intake.NumbersMissing: problem_type("numbers-missing", 422),
    intake.NotLiftable: problem_type("not-liftable", 422),
    intake.ExclusionListDamaged: problem_type("exclusion-list", 503, Retry.LATER),
    intake.ExclusionListUnusable: problem_type("exclusion-list", 503, Retry.LATER),
}
"""An error not listed here, nor below one that is, answers 500 without a word about itself."""


class ProblemResponse(JSONResponse):
    """A problem document with its media type."""

    media_type = "application/problem+json"


def respond(problem: ProblemType, *, headers: Mapping[str, str] | None = None, **members: object) -> ProblemResponse:
    """The response of a problem, with more members where they help to put it right."""
    content = problem.document() | members
    return ProblemResponse(content, status_code=problem.status, headers=dict(headers) if headers else None)


def respond_to(error: NodeError) -> ProblemResponse:
    """The response of a refusal."""
    problem = next((PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS), INTERNAL)
    match error:
        case readers.SignInThrottled():
            return respond(problem, headers={"Retry-After": str(error.wait_seconds)}, wait_seconds=error.wait_seconds)
        case readers.RolesConflict():
            return respond(problem, roles=[error.fields["one"], error.fields["other"]])
        case labeling.RestDue():
            return respond(problem, headers={"Retry-After": str(error.wait_seconds)}, wait_seconds=error.wait_seconds)
        case pay.CategoriesMissing() | pay.ContestsOpen():
            return respond(problem, waiting=error.waiting)
        case labeling.DraftConflict():
            return respond(problem, current_version=error.current)
        case intake.NumberInvalid():
            return respond(problem, line=error.fields["line"])
        case labeling.AnswersRefused():
            detail, detail_ko = (_fault_text(error.fault, language) for language in (Language.EN, Language.KO))
            return respond(
                problem, question=error.question, fault=error.fault.value, detail=detail, detail_ko=detail_ko
            )
        case _:
            return respond(problem, **_members(error))


def _members(error: NodeError) -> dict[str, Any]:
    """What a refusal about courses says more."""
    match error:
        case teaching.CourseNotReady():
            names = ("voted", "known", "practice", "exam")
            return {"missing": [dict(zip(names, one, strict=True)) for one in error.short]}
        case teaching.ExamNotOpen():
            return {"why": error.why}
        case _:
            return {}


def _fault_text(fault: AnswerFault, language: Language) -> str:
    return text(f"labeling.fault_{fault.value.replace('-', '_')}", language)
