"""What this station refuses, named by the fact."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class CertificateUnknown(NodeError):
    """The person holds no certificate for this task today."""


class CertificateBroken(Told):
    """A file is no certificate, or a byte of it was changed after it was signed."""

    text_key = "teaching.certificate_broken"


class CertificateOfAnother(Told):
    """Another hospital signed the certificate than the one that was named."""

    text_key = "teaching.certificate_of_another"


class CertificateExpired(Told):
    """The last day of the certificate has passed."""

    text_key = "teaching.certificate_expired"


class CertificateUnreadable(Told):
    """The system does not give the file of a certificate."""

    text_key = "teaching.certificate_unreadable"


class CourseUnknown(NodeError):
    """There is no such course, or none that is open."""


class CourseItemUnknown(NodeError):
    """The course asks nothing under this code, it is no image case, or it was not shown yet."""


class CourseRefused(NodeError):
    """A course is not written so: its task is unknown, or the task's schema does not vote on what it asks."""


class CourseAnswerRefused(NodeError):
    """The answer is none of the options."""


class CourseCasesShort(NodeError):
    """There are too few gold cases that this person may be shown."""


class CourseNotReady(NodeError):
    """The course asks for more gold cases than it has; `short` names what is missing: voted on, true, for what."""

    def __init__(self, short: list[tuple[str, str, int, int]]) -> None:
        super().__init__("the course needs more gold cases")
        self.short = short


class ExamUnknown(NodeError):
    """There is no such attempt of this person."""


class ExamNotOpen(NodeError):
    """No exam can be begun now; `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__("no exam can be begun now")
        self.why = why


class ExamOver(NodeError):
    """The exam was handed in, or its time is over."""


class ExamRuns(NodeError):
    """The exam is not over: nothing is told of it."""
