"""Updates that go in turns: the words of a round, and what this hospital keeps back of its updates for later rounds.

What is kept back follows from what was kept back before, the round's one vector, and whether that was in the sum; it is
worked out once, when the sum is told with the asking for the keys of the next round, and stored before the model made
of that sum is. So a wall that dies at any moment works out the same again: nothing is lost and nothing sent twice.
A hospital whose store was lost sits the rest of the run out.
Not held off here: a coordinator that says of a hospital which did not reveal in the attempt it was asked for last
whether its update was in the sum. It can spoil the model so, as it can by a sum of its own; it reads nothing by it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from node.release.asked import Asked, Exchange
from node.release.quantise import restore
from node.release.secure.compress import Compressed, Numbers, Order, compress, order_of, places_of
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.state import RoundName, SecureRound, Stage, name_of
from node.release.secure.words import turns_of_plan
from node.release.update import RoundVector
from protocols.masking import MaskingRound
from protocols.plans import TrainingPlan
from protocols.sparse import SparseTerms, order_seed

_KEPT = "<f4"


class KeptBack(Protocol):
    """What was kept back, by the round it is for: on this node alone, encrypted, never in a backup."""

    def of_round(self, name: RoundName) -> bytes | None:
        """The numbers (float32, little endian) a round begins with beside its own update."""
        ...

    def keep(self, name: RoundName, numbers: bytes) -> None:
        """They are stored durably; what was there for the round stays, what is older than the round before is gone."""
        ...


class Vectors(Protocol):
    """The one vector of each round."""

    def kept(self, asked: Asked) -> RoundVector | None:
        """The vector of the round and its received model."""
        ...


class Rounds(Protocol):
    """Rounds of secure aggregation."""

    def of_round(self, name: RoundName) -> SecureRound | None:
        """The round's state, of its latest attempt."""
        ...


@dataclass(frozen=True, slots=True)
class Turns:
    """Makes the words of a round and settles the round before."""

    site_id: str
    kept_back: KeptBack
    vectors: Vectors
    rounds: Rounds

    def words(self, about: MaskingRound, held: RoundVector, plan: TrainingPlan, terms: SparseTerms) -> Compressed:
        """The words of the round's one vector, the same in every attempt.

        Raises:
            SecureRefused: what was kept back for the round is not here, or a number or a weight is beyond the range.
        """
        update = restore(np.frombuffer(held.vector, dtype="<i4"), plan.aggregation.scale_bits)
        return compress(
            update, self._back(about, terms), terms=terms, places=places_in(about, terms), weight=held.weight
        )

    def settle(self, about: MaskingRound, sites: Collection[str], base_sha256: str, plan: TrainingPlan) -> None:
        """What the round `about` begins with is stored; `sites` are those in the sum of the round before.

        `base_sha256` is the model the round before was trained on.

        Raises:
            SecureRefused: by `SUM_REFUSED` for sites other than this hospital revealed for in the latest attempt (an
                earlier one may have opened nothing), by `KEPT_BACK_MISSING` when what it follows from is not here.
        """
        terms = turns_of_plan(plan, members=about.members_n)
        if terms is None or self.kept_back.of_round(name_of(about)) is not None:
            return
        before = about.model_copy(update={"round": about.round - 1})
        state = self.rounds.of_round(name_of(before))
        if state is not None and state.stage is Stage.REVEALED and set(state.revealed_for) != set(sites):
            raise SecureRefused(SecureReason.SUM_REFUSED)
        left = self._left(before, base_sha256, plan, terms, counted=self.site_id in sites)
        self.kept_back.keep(name_of(about), left.astype(_KEPT).tobytes())

    def _left(
        self, about: MaskingRound, base_sha256: str, plan: TrainingPlan, terms: SparseTerms, *, counted: bool
    ) -> Numbers:
        asked = Asked(about.plan_id, about.run_id, Exchange.TRAIN, about.round, about.attempt, base_sha256)
        held = self.vectors.kept(asked)
        if held is None and counted:
            raise SecureRefused(SecureReason.KEPT_BACK_MISSING)
        if held is None:
            return self._back(about, terms)
        made = self.words(about, held, plan, terms)
        return made.kept if counted else made.whole

    def _back(self, about: MaskingRound, terms: SparseTerms) -> Numbers:
        if about.round == 1:
            return np.zeros(terms.size)
        stored = self.kept_back.of_round(name_of(about))
        if stored is None:
            raise SecureRefused(SecureReason.KEPT_BACK_MISSING)
        return np.frombuffer(stored, dtype=_KEPT).astype(np.float64)


def places_in(about: MaskingRound, terms: SparseTerms) -> Order:
    """The numbers whose turn it is in a round, the same for every member."""
    order = order_of(order_seed(about.plan_id, about.members_sha256), terms.size)
    return places_of(order, terms, about.round)
