"""How the received store stands: how full its disk is, at which marks room is made, and what the last scrub found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.flows.scrub import ScrubStand
from node.intake.damage import Found


@dataclass(frozen=True, slots=True)
class StoreState:
    """The disk in percent of the room this node's user may fill, and the scrub with what its round has found so far."""

    used_percent: float
    high_water_percent: int
    """From here on received bytes that may go are dropped early."""
    low_water_percent: int
    """Down to here."""
    reserve_mib: int
    """With less than this free, nothing more is taken."""
    scrub: ScrubStand
    damaged: Sequence[Found]
    """The objects this round found damaged, the latest first; not all of them where there are very many."""
