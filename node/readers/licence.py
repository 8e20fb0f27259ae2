"""The licence and the specialty of a reader: both numbers, who held them against the originals, and until when.

Unverified or expired, nobody is given a case; what was begun before may be finished. Verifying again is one act with
new dates. The numbers stay on the node, with IT, and are in no log, error or address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from node.readers.errors import LicenceRefused

_NUMBER = re.compile(r"[0-9A-Za-z가-힣][0-9A-Za-z가-힣-]{0,23}")
_RESIDENT = re.compile(r"\d{6}-?[0-9]\d{6}")
"""A Korean resident registration number: 13 digits, which a licence number never has."""


@dataclass(frozen=True, slots=True)
class NewLicence:
    """What whoever looked at the originals says of them."""

    licence_number: str
    specialty_number: str
    valid_until: date
    """The last day (UTC) on which cases are given; whoever checks chooses it."""


@dataclass(frozen=True, slots=True)
class Licence:
    """A verified licence; without numbers where a former release knew only that it had been seen."""

    licence_number: str
    specialty_number: str
    valid_until: date
    checked_by: str
    """Identifier of the person who checked, or the node's own."""
    checked_at: datetime

    def holds(self, now: datetime) -> bool:
        """True until the end of its last day."""
        return now.date() <= self.valid_until


def verified(new: NewLicence, *, by: str, now: datetime) -> Licence:
    """The licence as checked now by this person.

    Raises:
        LicenceRefused: a number is none, or is a resident registration number, or the last day has passed.
    """
    for number in (new.licence_number, new.specialty_number):
        if not _NUMBER.fullmatch(number) or _RESIDENT.fullmatch(number):
            raise LicenceRefused
    if new.valid_until < now.date():
        raise LicenceRefused
    return Licence(new.licence_number, new.specialty_number, new.valid_until, by, now)
