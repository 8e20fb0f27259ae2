"""A received store as the page asks for it: half full, its scrub under way with one finding."""

from __future__ import annotations

from fakes.instances import START

from node.flows.scrub import ScrubStand
from node.flows.store_state import StoreState
from node.intake.damage import Damage, Found


class DamagedStore:
    """Implements `StorePage`."""

    def state(self) -> StoreState:
        """Always the same."""
        stand = ScrubStand("x", began_at=START, examined=7, damaged=1)
        return StoreState(41.5, 90, 80, 512, stand, [Found("received", "f00d", Damage.CHANGED)])
