"""The roles of a node, and which of them one person may not hold together."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from node.readers.errors import RolesConflict


class Role(StrEnum):
    """What a person does here; the route table (edges) says what each may ask for."""

    READER = "reader"
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    TRAINER = "trainer"
    STEWARD = "steward"
    ETHICS = "ethics"
    IT = "it"
    AUDITOR = "auditor"
    FUND_HOLDER = "fund-holder"


BREAKS_BLINDING = frozenset({Role.LEAD, Role.AUDITOR, Role.IT})
"""The first two see counts, times or opinions of other readers, the third can make a log-in code for anyone."""


def check_roles_separate(roles: Collection[Role]) -> None:
    """Return when the roles may be held by one person.

    Raises:
        RolesConflict: a reader could also see what other readers did.
    """
    if Role.READER in roles and BREAKS_BLINDING.intersection(roles):
        raise RolesConflict
