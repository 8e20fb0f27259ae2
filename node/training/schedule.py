"""How learning rate and seed follow from a plan's settings, round by round; the same for the shared and the own model.

Rules: the learning rate falls along half a cosine from the plan's rate to a twentieth of it in the last round; every
round has its own seed; the optimiser starts afresh in every round, so that nothing but weights lives between rounds.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

from node.training.ports import FitSettings

FINAL_FRACTION = 0.05
MOMENTUM = 0.9
"""Of the optimiser, in every round."""


def round_settings(settings: FitSettings, *, round_number: int, rounds: int) -> FitSettings:
    """The settings of one round of a plan; `round_number` counts from 1.

    Raises:
        ValueError: the plan has no such round.
    """
    if not 1 <= round_number <= rounds:
        raise ValueError(f"round {round_number} of {rounds}")
    progress = (round_number - 1) / max(1, rounds - 1)
    fraction = FINAL_FRACTION + (1.0 - FINAL_FRACTION) * 0.5 * (1.0 + math.cos(math.pi * progress))
    return replace(
        settings,
        learning_rate=settings.learning_rate * fraction,
        seed=round_seed(settings.seed, round_number),
    )


def round_seed(seed: int, round_number: int) -> int:
    """A seed of 31 bits that belongs to this round."""
    digest = hashlib.sha256(b"round/1|%d|%d" % (seed, round_number)).digest()
    return int.from_bytes(digest[:4], "big") >> 1
