"""The cheap membership test: can the loss of a case tell whether the model was trained on it?

Rules: train cases are members, validation cases are not, the attacker guesses "member" where the loss is low; the
figure is the AUC of that guess, 0.5 where nothing is learnt. Light: green up to 0.55, the pass line of the threat
table; amber up to 0.60, which is what chance reaches with some fifty validation cases; red above. It is a smoke alarm,
not the release's attack report: it uses one threshold for all cases and no shadow models.

Source: Yeom et al., Privacy Risk in Machine Learning, CSF 2018 (loss threshold).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from node.training.evaluate import auc

GREEN_UP_TO = 0.55
AMBER_UP_TO = 0.60
MIN_CASES = 10


class AttackLight(StrEnum):
    """What the figure means for a release."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    CANNOT_BE_MEASURED = "cannot-be-measured"


@dataclass(frozen=True, slots=True)
class MembershipReading:
    """The attack's AUC, or None with too few cases, and its light."""

    auc: float | None
    light: AttackLight


def membership_reading(member_losses: NDArray[np.float64], non_member_losses: NDArray[np.float64]) -> MembershipReading:
    """What an attacker who sees losses learns about membership."""
    if min(len(member_losses), len(non_member_losses)) < MIN_CASES:
        return MembershipReading(None, AttackLight.CANNOT_BE_MEASURED)
    guesses = -np.concatenate([member_losses, non_member_losses])
    members = np.concatenate([np.ones(len(member_losses)), np.zeros(len(non_member_losses))]).astype(np.int64)
    figure = auc(guesses, members)
    return MembershipReading(figure, light_of(figure))


def light_of(figure: float) -> AttackLight:
    """The light of an attack's AUC."""
    if figure <= GREEN_UP_TO:
        return AttackLight.GREEN
    return AttackLight.AMBER if figure <= AMBER_UP_TO else AttackLight.RED
