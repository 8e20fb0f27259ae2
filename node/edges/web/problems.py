"""Every refusal as a problem document (RFC 9457) in Korean and English: one table from errors to problem types."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi.responses import JSONResponse

from node.deidentify import errors as images
from node.ground.errors import NodeError
from node.ground.texts import Language, text
from node.intake.errors import CleanMissing
from node.labeling import errors as labeling
from node.labeling.draft import MAX_DRAFT_BYTES
from node.readers import errors as readers
from node.readers.passwords import MIN_CHARACTERS
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
ROLE_MISSING = problem_type("role-missing", 403)
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
    readers.PasswordTooWeak: problem_type("password-too-weak", 422),
    labeling.ProjectUnknown: NOT_FOUND,
    labeling.SchemaUnknown: problem_type("schema-unknown", 422),
    labeling.ProjectStateRefused: problem_type("project-state-refused", 409),
    labeling.AssignmentUnknown: NOT_FOUND,
    labeling.ImageUnknown: NOT_FOUND,
    labeling.LeaseLapsed: problem_type("lease-lapsed", 409, Retry.NEVER),
    labeling.AssignmentClosed: problem_type("assignment-closed", 409, Retry.NEVER),
    labeling.ReadingExists: problem_type("reading-exists", 409, Retry.NEVER),
    labeling.DraftConflict: problem_type("draft-conflict", 412),
    labeling.AnswersRefused: problem_type("answers-refused", 422),
    labeling.HoldoutRefused: problem_type("holdout-refused", 422),
    images.FrameMissing: NOT_FOUND,
    images.SandboxUnavailable: problem_type("image-later", 503, Retry.LATER),
    images.UnreadableImage: IMAGE_UNREADABLE,
    CleanMissing: IMAGE_UNREADABLE,
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
        case labeling.DraftConflict():
            return respond(problem, current_version=error.current)
        case labeling.AnswersRefused():
            return respond(problem, question=error.question)
        case _:
            return respond(problem)
