"""What a project's readings may be used for, and whose plans they may teach.

A project names it when it is made, so that a reader knows before starting. It is narrowed at any time and widened only
while the project is a draft: nobody's reading is used further than was said when it was given. A plan needs the
hospital's approval all the same; this comes before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from node.labeling.errors import PermissionRefused


class PermittedUse(StrEnum):
    """How far readings of a project may be used, from the narrowest to the widest."""

    OWN = "own"
    """Inside the hospital only: no plan learns from them, and no model is scored on them."""
    NAMED = "named-partners"
    """Approved plans of the partners named."""
    ANY = "any-approved-plan"
    """Every approved plan. What 0.1.0 made is so, since it permitted that."""


@dataclass(frozen=True, slots=True)
class Permission:
    """The permitted uses of one project."""

    use: PermittedUse = PermittedUse.OWN
    partners: frozenset[str] = frozenset()
    """Identifiers of partners; for `named-partners` at least one, otherwise none."""

    def __post_init__(self) -> None:
        """Raises: PermissionRefused where partners are named for a use that has none, or none where it needs some."""
        if (self.use is PermittedUse.NAMED) != bool(self.partners):
            raise PermissionRefused("partners are named for named-partners, and for nothing else")

    def covers(self, partner_id: str) -> bool:
        """True when an approved plan of this partner may use the readings."""
        return self.use is PermittedUse.ANY or partner_id in self.partners

    def within(self, other: Permission) -> bool:
        """True when it permits nothing that the other does not."""
        return other.use is PermittedUse.ANY or (self.use is not PermittedUse.ANY and self.partners <= other.partners)


NOTHING_LEAVES: Final = Permission()
"""What a project permits that names no use."""


def check_change(before: Permission, after: Permission, *, draft: bool) -> None:
    """Return when the permission may be changed so.

    Raises:
        PermissionRefused: it would be wider, and the project is no draft any more.
    """
    if not draft and not after.within(before):
        raise PermissionRefused("a permission is widened only while the project is a draft")
