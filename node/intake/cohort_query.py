"""A cohort query: which studies of an archive a hospital wants on its node, saved once and asked as often as needed.

It must be bounded, by dates or by accession numbers: nobody pulls a whole archive by leaving a field empty. Days are
asked one by one, because archives cut long answers off without saying so. Source: PS3.4 C.2.2.2 for the matching.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import Final

from node.intake.errors import PullQueryInvalid, PullQueryUnbounded

MOST_DAYS: Final = 366 * 30
MOST_ACCESSIONS: Final = 100_000
_DAYS: Final = ("first_day", "last_day")
_CODE: Final = re.compile(r"[A-Z0-9_ ]{1,16}")
_ACCESSION: Final = re.compile(r"[^\\*?\x00-\x1f]{1,16}")


@dataclass(frozen=True, slots=True)
class CohortQuery:
    """Studies from `first_day` to `last_day`, or of the accession numbers; of them the series that match.

    Raises:
        PullQueryUnbounded: neither days nor accession numbers bound it.
        PullQueryInvalid: naming the part that is wrong.
    """

    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    accession_numbers: tuple[str, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.accession_numbers and (self.first_day is None or self.last_day is None):
            raise PullQueryUnbounded
        if not all(_CODE.fullmatch(code) for code in (*self.modalities, *self.body_parts)):
            raise PullQueryInvalid(part="modality, body part")
        if len(self.accession_numbers) > MOST_ACCESSIONS or not all(map(_ACCESSION.fullmatch, self.accession_numbers)):
            raise PullQueryInvalid(part="accession")
        if (
            self.first_day is not None
            and self.last_day is not None
            and not 0 <= (self.last_day - self.first_day).days < MOST_DAYS
        ):
            raise PullQueryInvalid(part="from, to")

    @property
    def names_series(self) -> bool:
        """Whether only some series of a study are wanted."""
        return bool(self.modalities or self.body_parts)

    def wants(self, modality: str, body_part: str) -> bool:
        """Whether a series is wanted; one whose body part the archive does not know is, rather than missed."""
        right_modality = not self.modalities or modality in self.modalities
        right_part = not self.body_parts or not body_part or body_part.upper() in self.body_parts
        return right_modality and right_part

    def questions(self) -> Iterator[dict[str, str]]:
        """What an archive is asked, one question after the other: keys of the study level and their values."""
        modalities = [{"ModalitiesInStudy": modality} for modality in self.modalities] or [{}]
        for bound in self._bounds():
            for modality in modalities:
                yield bound | modality

    def _bounds(self) -> Iterator[dict[str, str]]:
        if self.accession_numbers:
            span = {}
            if self.first_day is not None and self.last_day is not None:
                span = {"StudyDate": f"{self.first_day:%Y%m%d}-{self.last_day:%Y%m%d}"}
            yield from ({"AccessionNumber": number, **span} for number in self.accession_numbers)
        elif self.first_day is not None and self.last_day is not None:
            for number in range((self.last_day - self.first_day).days + 1):
                yield {"StudyDate": f"{self.first_day + timedelta(days=number):%Y%m%d}"}


def written(query: CohortQuery) -> bytes:
    """The query as it is sealed and stored."""
    return json.dumps(asdict(query), default=date.isoformat).encode()


def read(contents: bytes) -> CohortQuery:
    """The query as it was stored."""
    found = json.loads(contents)
    first_day, last_day = (None if found[name] is None else date.fromisoformat(found[name]) for name in _DAYS)
    return CohortQuery(
        tuple(found["modalities"]), tuple(found["body_parts"]), first_day, last_day, tuple(found["accession_numbers"])
    )
