"""Cases that nobody reads, counts or learns from: their patient is excluded, or an identity was seen in them.

They stay where they are and are not found: worklists, sheets, frames, consensus and cohorts ask `SEEN` or `HIDDEN`.
When the exclusion ends they are there again, with what was read before.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Engine, and_, delete, insert, select, union_all

from node.storage.engine import reading, writing
from node.storage.ward_extra_read_tables import REPEATED, repeat_case
from node.storage.ward_reading_tables import withdrawn_case
from node.storage.ward_tables import case, excluded_patient

HIDDEN: Final = union_all(
    select(case.c.case_id).where(case.c.patient_number.in_(select(excluded_patient.c.patient_number))),
    select(withdrawn_case.c.case_id),
    select(repeat_case.c.case_id).where(repeat_case.c.of_case_id.in_(select(withdrawn_case.c.case_id))),
)
"""The cases of excluded patients, and those withdrawn because an identity was seen, under every name they have.

Said so that the few excluded are asked first: every act of a reader asks this, and as a join it read all cases.
"""
SEEN: Final = and_(
    case.c.patient_number.not_in(select(excluded_patient.c.patient_number)),
    case.c.case_id.not_in(select(withdrawn_case.c.case_id)),
    case.c.case_id.not_in(REPEATED),
)
"""A condition on the table of cases: nobody excluded its patient, it was not withdrawn, and it repeats no other."""


@dataclass(frozen=True, slots=True)
class WardExclusions:
    """Implements `ExcludedInWard` and `ExcludedCases`."""

    engine: Engine

    def set_excluded(self, patient_numbers: Collection[int]) -> None:
        """Exactly the cases of these patients are hidden."""
        wanted = frozenset(patient_numbers)
        with reading(self.engine) as connection:
            known = frozenset(connection.scalars(select(excluded_patient.c.patient_number)))
        if known == wanted:
            return
        with writing(self.engine) as connection:
            known = frozenset(connection.scalars(select(excluded_patient.c.patient_number)))
            for number in known - wanted:
                connection.execute(delete(excluded_patient).where(excluded_patient.c.patient_number == number))
            if wanted - known:
                rows = [{"patient_number": number} for number in sorted(wanted - known)]
                connection.execute(insert(excluded_patient), rows)

    def excluded_cases(self) -> frozenset[str]:
        """The cases of excluded patients, and those that were withdrawn."""
        with reading(self.engine) as connection:
            return frozenset(connection.scalars(HIDDEN))
