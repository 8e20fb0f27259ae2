"""What the wall tells of patients' part in rounds and releases: runs and rounds, never a patient's number."""

from __future__ import annotations

from node.flows.wall_views import View, Words
from node.release.taking_part import Advice, ReleasePart


class RunPartView(View):
    """What the patients asked about had a part in during one run."""

    run_id: str
    plan: Words | None
    """The plan's title; nothing where its offer is no longer known here."""
    partner_name: str | None
    learnt: list[int]
    """Rounds that learnt from them."""
    left: list[int]
    """Those of them whose update left."""
    measured: list[int]
    """Rounds whose figures were measured on them too."""
    released: ReleasePart
    released_round: int | None
    advice: Advice
    told: list[Words]
    """The same in sentences: rounds, release, what this hospital may do."""


class UnrecordedView(View):
    """Rounds of one run of which it is not recorded who had a part: nobody can be told anything about them."""

    run_id: str
    plan: Words | None
    rounds: list[int]
    told: Words


class TakingPartView(View):
    """All of it."""

    about: Words
    """What an exclusion does not do."""
    runs: list[RunPartView]
    unrecorded: list[UnrecordedView]
