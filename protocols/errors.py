"""Errors of the wire, and the problem types both roles answer with (RFC 9457).

A problem is a code with a public text in Korean and English and a word on whether trying again can help. It never
carries a name, a tag value or a path.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ProtocolError(Exception):
    """Root of everything this package refuses."""


class FrameRefused(ProtocolError):
    """Bytes that are not a frame of the expected type and version, or are too large."""


class SignatureRefused(ProtocolError):
    """A sealed frame whose signature, signer or purpose is not the expected one."""


class TensorsRefused(ProtocolError):
    """Tensor bytes that do not have the length their specification states."""


class Retry(StrEnum):
    """Whether the same request can succeed later."""

    NEVER = "never"
    LATER = "later"
    AFTER_CHANGE = "after-change"


class RefusalCode(StrEnum):
    """Why a node answered an instruction with no update; the only text that leaves with it."""

    BUNDLE_REFUSED = "bundle-refused"
    MESSAGE_REFUSED = "message-refused"
    APPROVAL_MISSING = "approval-missing"
    APPROVAL_WITHDRAWN = "approval-withdrawn"
    APPROVAL_EXPIRED = "approval-expired"
    OUTSIDE_APPROVAL = "outside-approval"
    PLAN_EXPIRED = "plan-expired"
    SCHEMA_UNKNOWN = "schema-unknown"
    ARCHITECTURE_UNKNOWN = "architecture-unknown"
    COHORT_TOO_SMALL = "cohort-too-small"
    MODEL_REFUSED = "model-refused"
    BUDGET_EXHAUSTED = "budget-exhausted"
    GATE_REFUSED = "gate-refused"
    DEADLINE_EXCEEDED = "deadline-exceeded"
    ATTEMPT_OUTDATED = "attempt-outdated"
    NODE_STOPPED = "node-stopped"
    INTERNAL_ERROR = "internal-error"


@dataclass(frozen=True, slots=True)
class ProblemType:
    """One kind of refusal a person or a program meets over HTTP. Source: RFC 9457."""

    code: str
    status: int
    title_en: str
    title_ko: str
    retry: Retry

    @property
    def uri(self) -> str:
        """The problem type as a relative reference, stable over releases."""
        return f"/problems/{self.code}"

    def document(self) -> dict[str, object]:
        """The `application/problem+json` members, both languages side by side."""
        return {
            "type": self.uri,
            "status": self.status,
            "title": self.title_en,
            "title_ko": self.title_ko,
            "code": self.code,
            "retry": self.retry.value,
        }
