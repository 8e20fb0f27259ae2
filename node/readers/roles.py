"""The roles of a node, and which two of them one person may not hold, with the reason.

Someone who held two roles before they were set apart keeps them until one is taken away: nobody is locked out by an
upgrade, and the page shows IT who it is (`apart`).
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum
from itertools import combinations, product

from node.ground.told import Phrase
from node.readers.errors import RolesConflict


class Role(StrEnum):
    """What a person does here; the route table (edges) says what each may ask for."""

    READER = "reader"
    LABELER = "labeler"
    """A lay person who labels on-site, under certificate and pledge; never a reader."""
    ADJUDICATOR = "adjudicator"
    LEAD = "lead"
    TRAINER = "trainer"
    STEWARD = "steward"
    ETHICS = "ethics"
    IT = "it"
    AUDITOR = "auditor"
    FUND_HOLDER = "fund-holder"
    CLINICIAN = "clinician"
    """The hospital's named clinician, who answers when a reader says that a patient needs attention."""


class Apart(StrEnum):
    """Why two roles are not one person's."""

    BLIND = "blind"
    """One reads blind; the other sees what readers did, knows the answers, or can sign in as anyone."""
    KIND = "kind"
    """A specialist's reading and a lay label are told apart by who made them."""
    OWN_ACTS = "own-acts"
    """One looks after what the other does."""
    MONEY = "money"
    """One pays for what the other does."""
    LETS_IN = "lets-in"
    """One makes log-in codes, the other's signature has to be somebody else's."""


READS_BLIND = frozenset({Role.READER, Role.LABELER, Role.ADJUDICATOR})
_WATCHED = frozenset({Role.LEAD, Role.TRAINER, Role.STEWARD, Role.ETHICS, Role.IT, Role.FUND_HOLDER, Role.CLINICIAN})
_SIGNS = frozenset({Role.STEWARD, Role.ETHICS, Role.FUND_HOLDER})


def _pairs(ones: Collection[Role], others: Collection[Role], why: Apart) -> dict[frozenset[Role], Apart]:
    return {frozenset(pair): why for pair in product(ones, others)}


APART: dict[frozenset[Role], Apart] = {
    **_pairs({Role.AUDITOR}, _WATCHED, Apart.OWN_ACTS),
    **_pairs({Role.ETHICS}, {Role.STEWARD, Role.LEAD, Role.CLINICIAN}, Apart.OWN_ACTS),
    **_pairs({Role.IT}, _SIGNS | {Role.CLINICIAN}, Apart.LETS_IN),
    **_pairs({Role.FUND_HOLDER}, {*READS_BLIND, Role.LEAD}, Apart.MONEY),
    **_pairs(READS_BLIND, {Role.LEAD, Role.AUDITOR, Role.IT, Role.TRAINER, Role.CLINICIAN}, Apart.BLIND),
    **_pairs({Role.LABELER}, {Role.READER, Role.ADJUDICATOR}, Apart.KIND),
}
"""Every pair that one person may not hold."""


def apart(roles: Collection[Role]) -> dict[frozenset[Role], Apart]:
    """The pairs among these roles that are not one person's, with the reason of each."""
    held = (frozenset(pair) for pair in combinations(sorted(roles), 2))
    return {pair: APART[pair] for pair in held if pair in APART}


def check_roles_separate(roles: Collection[Role]) -> None:
    """Return when the roles may be held by one person.

    Raises:
        RolesConflict: two of them may not, and why.
    """
    for pair, why in apart(roles).items():
        one, other = sorted(pair)
        reason = Phrase(f"readers.apart_{why.value.replace('-', '_')}")
        raise RolesConflict(one=one.value, other=other.value, reason=reason)
