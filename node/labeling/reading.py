"""The reading: one reader's submitted opinion on one case, checked against the schema, never changed afterwards.

A reader may say it anew while the case's consensus is open: the amended reading stands beside the first, with a reason,
and the later one counts. Whether consensus is open follows from what others did, so a reader is never told: a reading
amended too late is kept like any other, and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from node.labeling.free_text import InsideText
from node.labeling.shapes import Mark, Place
from protocols.encoding import Code, canonical_json
from protocols.ids import Uuid
from protocols.label_rules import MAX_MARKS
from protocols.labels import Abstention

ProvenanceText = Annotated[str, StringConstraints(max_length=200)]
_LATER = ("options", "number", "text", "marks", "place", "mark")
"""What answers of the first release did not have: left out of the canonical text where it is not said."""


class Answer(BaseModel):
    """One answer: what its question takes, or an abstention; confidence is the reader's own, 0..1."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    question: Code
    option: Code | None = None
    options: Annotated[tuple[Code, ...], Field(min_length=1, max_length=64)] | None = None
    number: float | None = None
    text: InsideText | None = None
    marks: Annotated[tuple[Mark, ...], Field(min_length=1, max_length=MAX_MARKS)] | None = None
    abstention: Abstention | None = None
    confidence: Annotated[float, Field(ge=0, le=1)] | None = None
    place: Place | None = None
    mark: Code | None = None
    """The thing marked that it is about, for a question asked for every one."""

    @model_validator(mode="after")
    def _says_one_thing(self) -> Answer:
        said = (self.option, self.options, self.number, self.text, self.marks, self.abstention)
        if sum(one is not None for one in said) != 1:
            raise ValueError("an answer says one thing, or abstains")
        if self.place is not None and self.mark is not None:
            raise ValueError("an answer is about a place or about a mark")
        return self

    def chosen(self) -> tuple[str, ...]:
        """The options it names."""
        if self.options is not None:
            return self.options
        return () if self.option is None else (self.option,)

    def opines(self) -> bool:
        """True when it is an opinion: anything but an abstention that says nothing about the case."""
        return self.abstention is None or self.abstention is Abstention.ABSENT


class GreyscaleCheck(StrEnum):
    """What the page's check of its own greyscale found."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not-run"


class WindowShown(BaseModel):
    """The window an image was left with."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    image_id: Uuid
    centre: float
    width: Annotated[float, Field(gt=0)]


class Display(BaseModel):
    """On what the images were read."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    page_version: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z.+_-]{1,40}$")]
    greyscale_check: GreyscaleCheck
    worst_difference: Annotated[float, Field(ge=0, le=255)] | None = None
    """The largest difference the check saw, in steps of 255."""
    windows: Annotated[tuple[WindowShown, ...], Field(max_length=64)] = ()


class ReadingContent(BaseModel):
    """What a reader submits."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    answers: Annotated[tuple[Answer, ...], Field(min_length=1, max_length=4000)]
    seconds_active: Annotated[float, Field(ge=0, le=86_400)]
    provenance: Annotated[dict[Code, ProvenanceText | bool | int | float], Field(max_length=20)] = {}
    """How it was read: page version, display check, render path. Never about the patient."""
    display: Display | None = None

    def words(self) -> dict[str, Any]:
        """The content as JSON; content of the first release has the words it was chained under."""
        words = self.model_dump(mode="json")
        if self.display is None:
            del words["display"]
        words["answers"] = [
            {name: value for name, value in answer.items() if name not in _LATER or value is not None}
            for answer in words["answers"]
        ]
        return words

    def canonical(self) -> str:
        """The one JSON text of this content."""
        return canonical_json(self.words()).decode("utf-8")


class AmendReason(StrEnum):
    """Why a reader says it anew; a code, since free text could name a patient."""

    MISTAKE = "mistake"
    OVERLOOKED = "overlooked"
    WRONG_PLACE = "wrong-place"
    GUIDELINE_REREAD = "guideline-reread"
    DISPLAY_TROUBLE = "display-trouble"
    READ_ANEW = "read-anew"
    """Asked for by the lead, because a guideline or schema changed; never a reader's own reason."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a reading was made under, as the node knows it."""

    schema_code: str
    schema_version: int
    guideline_version: int
    guideline_sha256: str
    suggestion_shown: bool
    """True where the reader saw what a model suggests."""


@dataclass(frozen=True, slots=True)
class Amendment:
    """That a reading takes the place of an earlier one, and why."""

    amends: str
    """The identifier of the reading it follows."""
    reason: AmendReason
    counts: bool
    """False when consensus had closed before it came."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A submitted reading."""

    reading_id: str
    assignment_id: str
    project_id: str
    case_id: str
    person_id: str
    submitted_at: datetime
    content: ReadingContent
    idempotency_key: str | None = None
    basis: Basis | None = None
    """None for a reading of the first release."""
    amendment: Amendment | None = None


def counting(readings: Iterable[Reading]) -> list[Reading]:
    """Of each reader and case the latest reading that counts, in the order in which their first came."""
    latest: dict[tuple[str, str, str], Reading] = {}
    for reading in readings:
        if reading.amendment is None or reading.amendment.counts:
            latest[(reading.project_id, reading.case_id, reading.person_id)] = reading
    return list(latest.values())
