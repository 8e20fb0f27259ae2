"""Smaller updates under masks: in each round the same part of the numbers from every site, in words of 16 bits.

What is masked cannot be packed afterwards, and the largest numbers of each site would lie at other places. So which
numbers go in a round follows from a seed all members share: an order over the whole run, walked in windows, and all of
them in the last round. What a site did not send, cut or rounded away it adds to its next update (error feedback), so
nothing is lost but what the last round rounds.

The range is proven: a weighted number is cut to the clip and takes at most `steps` steps either way, and so many
members' steps fit in 15 bits. The weight goes as two digits of base 256, whose sums fit as well. What a site sends in
a round is shortened to twice the plan's norm bound, for it brings along what earlier rounds kept back; the rest goes
later.
Source: Stich et al., Sparsified SGD with Memory, NeurIPS 2018; Karimireddy et al., Error Feedback Fixes SignSGD, ICML
2019. That masks and sparse updates meet in common coordinates: Ergun et al., Sparsified Secure Aggregation,
arXiv 2112.12872.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass

from protocols.errors import ProtocolError
from protocols.models import blob_bytes
from protocols.plans import Compression, TrainingPlan
from protocols.updates import WEIGHT_BAND
from protocols.word_range import largest_weight

WORD_MAX = 2**15 - 1
DIGIT_BASE = 256
WEIGHT_WORDS = 2
ROUNDS_MIN = 4
"""In a shorter run the last round, in which everything goes, would outweigh what the others save."""
SPREAD = 8.0
"""How many times its root mean square a number of an update at the norm bound may be before it is cut."""
REACH = 2.0
"""How many norm bounds long what a site sends in a round may be; over a run it is what its updates were."""
_SPARED = 600
"""So many numbers a member are not sent, to pay for the round's keys, shares and statements."""


class SparseRefused(ProtocolError):
    """A run too short or too large to be sent in 16-bit words."""


@dataclass(frozen=True, slots=True)
class SparseTerms:
    """What both sides derive from a plan and its members, the same everywhere."""

    size: int
    """Numbers of the model."""
    rounds: int
    members: int
    norm_bound: float
    largest_weight: int

    def __post_init__(self) -> None:
        digits = self.largest_weight // WEIGHT_BAND // DIGIT_BASE
        if self.rounds < ROUNDS_MIN or self.steps < 1 or self.window < self.size // 4:
            raise SparseRefused("too few rounds or numbers, or too many members")
        if self.members * max(digits, DIGIT_BASE - 1) > WORD_MAX:
            raise SparseRefused("weights do not fit")

    @property
    def steps(self) -> int:
        """How many steps a weighted number takes either way at most."""
        return WORD_MAX // self.members

    @property
    def clip(self) -> float:
        """Where a weighted number is cut; what is cut goes in a later round."""
        return SPREAD * self.norm_bound / math.sqrt(self.size)

    @property
    def window(self) -> int:
        """How many numbers go in a round that is not the last: with it, a run takes a quarter of its float32 bytes.

        So every number has its turn every few rounds.
        """
        return self.size * (self.rounds - 2) // (2 * (self.rounds - 1)) - _SPARED * self.members - WEIGHT_WORDS

    def words(self, round_number: int) -> int:
        """How many words a site sends in a round."""
        return len(self.places(round_number)) + WEIGHT_WORDS

    @property
    def upload_bytes(self) -> int:
        """Bytes of words a site sends over the whole run."""
        return 2 * ((self.rounds - 1) * self.words(1) + self.words(self.rounds))

    def unit(self, weight: int) -> float:
        """What one step of a sum of so much weight moves a number of the model by."""
        return self.clip / self.steps * self.largest_weight / weight

    def rounding(self, weight: int) -> float:
        """The length of what the last round rounds away of an update of such weight, as a share of the norm bound.

        As a rule, not at most: rounding is even over half a step either way.
        """
        return math.sqrt(self.size / 12) * self.unit(weight) / self.norm_bound

    def places(self, round_number: int) -> range:
        """Which places of the run's order go in a round; counted on past the end, where the order begins again."""
        if round_number >= self.rounds:
            return range(self.size)
        start = (round_number - 1) * self.window
        return range(start, start + self.window)


def sparse_terms(plan: TrainingPlan, *, members: int) -> SparseTerms | None:
    """The terms of a plan whose updates go in turns; nothing for any other plan.

    Raises:
        SparseRefused: a run of so many members cannot be sent in 16-bit words.
    """
    return None if plan.aggregation.compression is Compression.NONE else terms_in_turn(plan, members=members)


def terms_in_turn(plan: TrainingPlan, *, members: int) -> SparseTerms:
    """The terms of a plan, were its updates to go in turns. Raises: SparseRefused."""
    return SparseTerms(
        size=blob_bytes(plan.model.tensors) // 4,
        rounds=plan.rounds,
        members=members,
        norm_bound=plan.update_norm_bound,
        largest_weight=largest_weight(plan.cohort.max_cases),
    )


def longest_mean(plan: TrainingPlan) -> float:
    """How long the mean of a round's updates may be, for the model to be moved by it."""
    return plan.update_norm_bound * (1.0 if plan.aggregation.compression is Compression.NONE else REACH)


def order_seed(plan_id: str, members_sha256: str) -> bytes:
    """The seed of a run's order, out of what every member signs in every step (`MaskingRound`).

    The plan is the partner's and every hospital's that approved it, the members' keys are their own: the coordinator
    alone chooses nothing of it. It is no secret: the order hides nothing, it only has to be the same everywhere.
    """
    return hashlib.sha256(f"intramuros/sparse-order/2|{plan_id}|{members_sha256}".encode("ascii")).digest()
