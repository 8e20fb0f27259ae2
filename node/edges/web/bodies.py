"""What people send: bounded, with no field too many. Parsed once here; inside, a value that exists is valid."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.ground.texts import Language
from node.labeling.assignment import DeclineReason
from node.labeling.project import MAX_READS_PER_CASE
from node.readers.passwords import MAX_CHARACTERS
from node.readers.roles import Role
from node.readers.session import MAX_SECRET_CHARACTERS
from protocols.encoding import Code
from protocols.ids import Uuid

Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\x00-\x1f]+$")
]
Password = Annotated[str, StringConstraints(min_length=1, max_length=MAX_CHARACTERS)]
Modality = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,15}$")]
DicomUid = Annotated[str, StringConstraints(pattern=r"^[0-9.]{1,64}$")]


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


class NewPersonBody(Body):
    """Someone who joins."""

    name: Line
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    department: Code | None = None
    language: Language = Language.KO
    licence_verified: bool = False


class StandingBody(Body):
    """Whether a person is active, and whether IT has seen the licence."""

    active: bool
    licence_verified: bool


class NewProjectBody(Body):
    """A project to be made."""

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    guideline: Annotated[str, StringConstraints(max_length=20_000)] = ""
    schema_code: Code
    schema_version: Annotated[int, Field(ge=1, le=10_000)]
    reads_per_case: Annotated[int, Field(ge=1, le=MAX_READS_PER_CASE)] = 3
    department: Code | None = None


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


class AssignmentBody(Body):
    """From which project the next case should come; none means any."""

    project_id: Uuid | None = None


class DraftBody(Body):
    """A page's unsubmitted work, which the node keeps and does not read."""

    content: dict[str, Any]


class DeclineBody(Body):
    """Why a case is given back."""

    reason: DeclineReason
