"""What people send about people: who joins, what was verified, who applies, labelers, rates."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from node.edges.web.bodies import Body, Line
from node.ground.texts import Language
from node.labeling.case_rules import Difficulty
from node.pay.card import MAX_LINES
from node.readers.application import RefusalReason
from node.readers.person import FIRST_YEAR, LAST_YEAR
from node.readers.roles import Role
from protocols.encoding import Code

LicenceNumber = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=24)]
Year = Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)]


class LicenceBody(Body):
    """The numbers somebody held against the originals, and the last day they answer for."""

    licence_number: LicenceNumber
    specialty_number: LicenceNumber
    valid_until: date


class NewPersonBody(Body):
    """Someone who joins."""

    name: Line
    roles: Annotated[frozenset[Role], Field(min_length=1)]
    department: Code | None = None
    language: Language = Language.KO
    licence: LicenceBody | None = None
    subspecialty: Code | None = None
    specialist_since: Year | None = None


class StandingBody(Body):
    """Whether a person is active."""

    active: bool


class DepartmentsBody(Body):
    """Departments of this hospital, one a line: code, Korean name, English name, separated by commas."""

    list: Annotated[str, StringConstraints(min_length=1, max_length=32_000)]


class ApplicationBody(Body):
    """A specialist who asks to read here."""

    name: Line
    department: Code
    licence_number: LicenceNumber
    specialty_number: LicenceNumber
    language: Language = Language.KO
    subspecialty: Code | None = None
    specialist_since: Year | None = None


class TakingBody(Body):
    """The applicant's numbers were held against the originals, and hold until the end of this day."""

    valid_until: date


class RefusalBody(Body):
    """Why an applicant is refused."""

    reason: RefusalReason


class PledgeBody(Body):
    """The version of the pledge that is signed."""

    version: Annotated[int, Field(ge=1, le=10_000)]


class CertificateBody(Body):
    """Until the end of which day a task is open to a labeler."""

    valid_until: date


Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,4})?$")]


class CardLineBody(Body):
    """What a reading by this specialty of a case of this difficulty is paid; none means any."""

    department: Code | None = None
    difficulty: Difficulty | None = None
    amount: Amount


class RateBody(Body):
    """What one reading is paid from now on; the amount as text, so that it stays exact."""

    amount: Amount
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    lines: Annotated[tuple[CardLineBody, ...], Field(max_length=MAX_LINES)] = ()
    """Where specialties or difficulties are paid otherwise."""
