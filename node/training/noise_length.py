"""How long the noise of one private round is by itself: what a plan's norm bound must leave room for.

Every step adds independent Gaussian noise to every number of the model, and Nesterov momentum carries each on into the
steps after it. What one impulse comes to is computed by the optimiser's own recursion; the squares add up. The update
of a round is that noise and what was learnt; noise of mean zero makes it longer in the mean square, never shorter,
so a bound below this length refuses at the gate most of what would be trained. The pull of the loss back to its
minimum is left out: over the few steps of a round it is small.

Source: Sutskever et al., On the importance of initialization and momentum in deep learning, ICML 2013.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from node.training.privacy import PatientNoise
from node.training.schedule import MOMENTUM


@dataclass(frozen=True, slots=True)
class Steps:
    """The optimiser's steps of one round; a plan's learning rate is that of its first round, which is its largest."""

    count: int
    learning_rate: float
    weight_decay: float


def noise_length(noise: PatientNoise, steps: Steps, *, numbers: int) -> float:
    """The root mean square of the Euclidean length of one round's noise; infinite where the steps run away."""
    a_step = noise.noise_multiplier * noise.clip_norm / noise.expected_patients
    length = a_step * math.sqrt(numbers * _impulse_squares(steps))
    return length if math.isfinite(length) else math.inf


def _impulse_squares(steps: Steps) -> float:
    """The sum, over a round's steps, of the square of what an impulse of one at that step has become at the end."""
    weight, velocity, squares = 0.0, 0.0, 0.0
    for step in range(steps.count):
        gradient = (1.0 if step == 0 else 0.0) + steps.weight_decay * weight
        velocity = MOMENTUM * velocity + gradient
        weight -= steps.learning_rate * (gradient + MOMENTUM * velocity)
        squares += weight * weight
    return squares
