"""A case of a project as its lead orders it: what it is, and when it is wanted; nothing of what readers did."""

from __future__ import annotations

from dataclasses import dataclass

from node.labeling.case_rules import CaseTraits, Urgency


@dataclass(frozen=True, slots=True)
class OrderedCase:
    """One case and what the lead said of it."""

    case_id: str
    traits: CaseTraits
    urgency: Urgency
