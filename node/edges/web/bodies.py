"""What people send: bounded, with no field too many. Parsed once here; inside, a value that exists is valid."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.consensus.way import Method
from node.flows.quarantine import DeleteReason, ReleaseReason
from node.ground.texts import Language
from node.intake.exclusion import MAX_NUMBERS, ExclusionKind, LiftReason
from node.intake.reidentification import AskReason, ReviewRefusal
from node.labeling.assignment import DeclineReason
from node.labeling.chain import DestroyReason
from node.labeling.concern import ConcernKind, ConcernOutcome
from node.labeling.draft import ChangeKind
from node.labeling.permission import PermittedUse
from node.labeling.project import MAX_READS_PER_CASE
from node.labeling.reading import AmendReason, ReadingContent
from node.readers.passwords import MAX_CHARACTERS
from node.readers.roles import Role
from node.readers.session import MAX_SECRET_CHARACTERS
from node.readers.token import LONGEST_DAYS
from protocols.encoding import Code
from protocols.ids import Uuid

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARACTERS)]
Modality = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,15}$")]
MonthText = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]
DicomUid = Annotated[str, StringConstraints(pattern=r"^[0-9.]{1,64}$")]


GuidelineText = Annotated[str, StringConstraints(max_length=20_000)]


class Body(BaseModel):
    """A request's body."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SignInBody(Body):
    """A one-time code, or a name and a password."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=MAX_SECRET_CHARACTERS)] | None = None
    person: Line | None = None
    password: Password | None = None

    @model_validator(mode="after")
    def _one_way(self) -> SignInBody:
        if (self.code is None) == (self.person is None or self.password is None):
            raise ValueError("either a code, or a name and a password")
        return self


class PasswordBody(Body):
    """A new password; the current one too, unless the session was opened with a code."""

    new: Password
    current: Password | None = None


class LanguageBody(Body):
    """The language to read from now on."""

    language: Language


class PermissionBody(Body):
    """What the readings may be used for; partners by identifier, for named-partners alone."""

    use: PermittedUse = PermittedUse.OWN
    partners: Annotated[frozenset[Uuid], Field(max_length=64)] = frozenset()


class PilotBody(Body):
    """How many reads the pilot has, 20 to 50."""

    reads: Annotated[int, Field(ge=1, le=1000)]


class TouchedBody(Body):
    """A question a guideline is about, and those of its options it speaks of (none: of all)."""

    question: Code
    options: Annotated[frozenset[Code], Field(max_length=64)] = frozenset()


class GuidelineBody(Body):
    """The whole text of the guideline, and which readings it makes outdated: those of questions, and those of cases."""

    text: GuidelineText
    touches: Annotated[tuple[TouchedBody, ...], Field(max_length=64)] = ()
    case_ids: Annotated[frozenset[Uuid], Field(max_length=1000)] = frozenset()


class SchemaBody(Body):
    """Which version of its schema a project asks by."""

    schema_version: Annotated[int, Field(ge=1, le=10_000)]


class NewProjectBody(Body):
    """A project to be made."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    guideline: GuidelineText = ""
    schema_code: Code
    schema_version: Annotated[int, Field(ge=1, le=10_000)]
    reads_per_case: Annotated[int, Field(ge=1, le=MAX_READS_PER_CASE)] = 3
    department: Code | None = None
    labelers: bool = False
    payer: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    permission: PermissionBody = PermissionBody()


class CasesBody(Body):
    """Which cases to add: all of these modalities."""

    modalities: Annotated[tuple[Modality, ...], Field(min_length=1, max_length=16)]


class ReferenceBody(Body):
    """The known answer for one instance, named by the hospital's own UID."""

    sop_instance_uid: DicomUid
    option: Code


class HoldoutBody(Body):
    """The whole holdout of a project."""

    rows: Annotated[tuple[ReferenceBody, ...], Field(max_length=20_000)]


class GoldBody(Body):
    """The gold cases of a project, all of them."""

    rows: Annotated[tuple[ReferenceBody, ...], Field(max_length=20_000)]


class FusionBody(Body):
    """How a project shall fuse."""

    method: Method


class AssignmentBody(Body):
    """From which project the next case should come; none means any."""

    project_id: Uuid | None = None


class DraftBody(Body):
    """A page's unsubmitted work, which the node keeps and does not read."""

    content: dict[str, Any]


class ChangeSetBody(Body):
    """One step of unsubmitted work, under an identifier the page made for it."""

    change_set_id: Uuid
    kind: ChangeKind = ChangeKind.MERGE
    body: dict[str, Any]


class AmendmentBody(Body):
    """A submitted reading said anew, and why."""

    content: ReadingContent
    reason: AmendReason

    @model_validator(mode="after")
    def _own_reason(self) -> AmendmentBody:
        if self.reason is AmendReason.READ_ANEW:
            raise ValueError("this is the lead's to ask for")
        return self


class ConcernBody(Body):
    """Which button was pressed."""

    kind: ConcernKind


class ClosingBody(Body):
    """How a concern ended."""

    outcome: ConcernOutcome


class DestructionBody(Body):
    """Why the readings of a case are destroyed."""

    reason: DestroyReason


class DeclineBody(Body):
    """Why a case is given back."""

    reason: DeclineReason


class NumbersBody(Body):
    """Patients of the hospital, by its own numbers."""

    numbers: Annotated[tuple[Annotated[str, StringConstraints(max_length=64)], ...], Field(max_length=MAX_NUMBERS)]


class ExclusionBody(NumbersBody):
    """Patients of the hospital, and why their images are not used."""

    kind: ExclusionKind


class LiftingBody(ExclusionBody):
    """Patients whose exclusion for this kind ends, and why."""

    reason: LiftReason


class ReidentificationBody(Body):
    """Which case, named as this node or an export of a project names it, and why its patient must be known."""

    case: Annotated[str, StringConstraints(pattern=r"^(C-[A-Z2-7]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$")]
    reason: AskReason


class ReidentificationRefusalBody(Body):
    """Why a reviewer says no."""

    reason: ReviewRefusal


class NewTokenBody(Body):
    """A token for a workstation or script: what it is for, what it may do, how long."""

    name: Line
    role: Role
    days: Annotated[int, Field(ge=1, le=LONGEST_DAYS)] = 90


class QuarantineReleaseBody(Body):
    """Why an image is released, and the reason for quarantine that the person saw and overrules."""

    overrules: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}\.[a-z_]{1,40}$")]
    reason: ReleaseReason


class DeletionBody(Body):
    """Why an image is deleted."""

    reason: DeleteReason
