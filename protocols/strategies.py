"""How local trainings are held together, and how the mean of updates becomes a step of the model; as data of a plan.

`fedavg`: the model moves by the mean. Source: McMahan et al., AISTATS 2017, algorithm 1.
`fedprox`: as `fedavg`, and every local step is pulled back towards the model the round began with: the gradient of a
weight w gets mu * (w - w_begin) added. Source: Li et al., MLSys 2020, equation 2.
`fedadam`: the model moves by Adam's step on the mean d. Source: Reddi et al., Adaptive Federated Optimization, ICLR
2021, algorithm 2, without bias correction:

    m' = beta_1 * m + (1 - beta_1) * d,      m = 0 before the first round
    v' = beta_2 * v + (1 - beta_2) * d * d,  v = tau * tau before the first round
    w' = w + rate * m' / (sqrt(v') + tau)

Hospitals of a secure run make w' themselves and must come to the coordinator's bits. So each operation above is one
IEEE 754 double rounded to nearest, from left to right, with 1 - beta taken once; the step uses m' and v' before they
are rounded to float32, as which they are kept until the next round.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from protocols.encoding import Part

MU_MAX, RATE_MAX = 100.0, 1.0
TAU_MIN = 1e-6


class StrategyName(StrEnum):
    """The closed list."""

    FEDAVG = "fedavg"
    FEDPROX = "fedprox"
    FEDADAM = "fedadam"


class Strategy(Part):
    """A strategy with its own numbers and no others."""

    name: StrategyName = StrategyName.FEDAVG
    proximal_mu: Annotated[float, Field(gt=0, le=MU_MAX)] | None = None
    server_rate: Annotated[float, Field(gt=0, le=RATE_MAX)] | None = None
    beta_1: Annotated[float, Field(ge=0, le=0.999)] | None = None
    beta_2: Annotated[float, Field(ge=0.5, le=0.9999)] | None = None
    tau: Annotated[float, Field(ge=TAU_MIN, le=1)] | None = None

    @model_validator(mode="after")
    def _numbers_are_its_own(self) -> Strategy:
        prox = self.name is StrategyName.FEDPROX
        adam = self.name is StrategyName.FEDADAM
        if (self.proximal_mu is not None) != prox:
            raise ValueError("fedprox, and nothing else, has a proximal_mu")
        if any((number is not None) != adam for number in (self.server_rate, self.beta_1, self.beta_2, self.tau)):
            raise ValueError("fedadam, and nothing else, has server_rate, beta_1, beta_2 and tau")
        if self.beta_1 is not None and self.beta_2 is not None and self.beta_1**2 >= self.beta_2:
            raise ValueError("beta_1 squared lies below beta_2, or no step is bounded")
        return self

    @property
    def mu(self) -> float:
        """How strongly local steps are pulled back; zero but for `fedprox`."""
        return self.proximal_mu or 0.0

    def step_norm(self, *, size: int, mean_norm: float) -> float:
        """The most by which a round can move a model of so many numbers, where means are no longer than `mean_norm`.

        Of Adam's step no number moves further than rate * (1 - b1) / sqrt((1 - b2) * (1 - b1 * b1 / b2)), whatever
        the means were (the inequality of Cauchy and Schwarz over both sums).
        """
        if self.server_rate is None or self.beta_1 is None or self.beta_2 is None:
            return mean_norm
        spread = (1.0 - self.beta_2) * (1.0 - self.beta_1**2 / self.beta_2)
        return math.sqrt(size) * self.server_rate * (1.0 - self.beta_1) / math.sqrt(spread)
