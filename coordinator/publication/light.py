"""The attack light: how well an attacker tells members of the training data from others, at the worst site.

0.5 is guessing. Source: Carlini et al., Membership Inference Attacks From First Principles (2022), for the measure; the
bounds are those of the threat table.
"""

from __future__ import annotations

from collections.abc import Iterable

from coordinator.acceptance.choice import ModelNotAccepted
from coordinator.offers.approval import HeldApproval
from coordinator.rounds.run import Measurement
from coordinator.rounds.states import EndReason
from protocols.passports import AttackLight
from protocols.plans import AttackPolicy, MetricName

GREEN_UP_TO_AUC = 0.55
AMBER_UP_TO_AUC = 0.60


def attack_light(measurements: Iterable[Measurement]) -> AttackLight:
    """The light of the final model: the worst site's, never the mean."""
    measured = [
        measurement.value
        for measurement in measurements
        if measurement.final and measurement.name is MetricName.MEMBERSHIP_AUC
    ]
    if not measured:
        return AttackLight.NOT_MEASURED
    worst = max(measured)
    if worst <= GREEN_UP_TO_AUC:
        return AttackLight.GREEN
    return AttackLight.AMBER if worst <= AMBER_UP_TO_AUC else AttackLight.RED


def check_light(light: AttackLight, policy: AttackPolicy, approvals: Iterable[HeldApproval]) -> None:
    """Return when a model of this light may be published.

    With the policy `block` a light that is red or was not measured blocks. A red light needs, under any policy, that
    every hospital that took part accepted one in its approval.

    Raises:
        ModelNotAccepted: otherwise.
    """
    if policy is AttackPolicy.BLOCK and light is AttackLight.RED:
        raise ModelNotAccepted(EndReason.ATTACK_LIGHT_RED)
    if policy is AttackPolicy.BLOCK and light is AttackLight.NOT_MEASURED:
        raise ModelNotAccepted(EndReason.ATTACK_NOT_MEASURED)
    if light is AttackLight.RED and not all(approval.accepts_red for approval in approvals):
        raise ModelNotAccepted(EndReason.RED_LIGHT_NOT_ACCEPTED)
