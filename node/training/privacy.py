"""What training claims about a patient's influence on an update.

Rules: mechanism "none" claims nothing, no epsilon and no delta, and cannot be made to; a mechanism this node cannot
account for is refused before training, never trained without.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.ground.errors import NodeError

NO_MECHANISM = "none"


class PrivacyMechanismUnavailable(NodeError):
    """A plan asks for a privacy mechanism this node cannot account for."""


@dataclass(frozen=True, slots=True)
class PrivacyClaim:
    """What was spent by so many optimiser steps; epsilon and delta are None where nothing is claimed."""

    mechanism: str
    epsilon: float | None
    delta: float | None
    steps: int


def claim_after(mechanism: str, *, steps: int) -> PrivacyClaim:
    """The claim of an update made by so many optimiser steps under the mechanism.

    Raises:
        PrivacyMechanismUnavailable: the mechanism is not one this node accounts for.
    """
    if mechanism != NO_MECHANISM:
        raise PrivacyMechanismUnavailable(f"privacy mechanism {mechanism!r} is not available on this node")
    return PrivacyClaim(NO_MECHANISM, None, None, steps)
