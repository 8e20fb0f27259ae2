"""Hospitals and a coordinator of a secure round in one process: real members, real sums, every message encoded.

`SecureHospital` keeps its rounds in memory (`KeptRounds`, which passes the port suite of the real store). `carry` is an
honest coordinator; tests that lie send their own messages to `SecureHospital.answer`.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from factories import RUN, a_manifest, a_plan, an_identity
from numpy.typing import NDArray
from secure_factories import a_site

from coordinator.aggregation.masked_update import MaskedContribution, add_up, check_masked
from coordinator.aggregation.secure_relay import (
    Members,
    Sheet,
    counted_votes,
    mask_instructions,
    sheet_of,
    survivor_instruction,
)
from coordinator.aggregation.secure_sum import OpenedSum, open_sum
from node.release.secure.member import Asked, Member, SecureReply, SecureRounds
from node.release.secure.place import Place
from node.release.secure.state import Act, RoundName, SecureRound, name_of
from node.release.secure.turns import Turns
from node.release.update import RoundVector
from protocols.encoding import Wire, decode, encode
from protocols.masking import (
    AdvertInstruction,
    MaskedStatement,
    MaskedUpdate,
    MaskingAdvert,
    MaskingRound,
    MaskingShares,
    SurvivorVote,
    UnmaskingShares,
    members_digest,
)
from protocols.models import Dtype, TensorSpec
from protocols.plans import Aggregation, AggregationMode, TrainingPlan
from protocols.signing import Identity, PublicIdentity, Purpose, seal, unseal

MODEL = "ab" * 32
PURPOSES: Mapping[type[Wire], Purpose] = {
    MaskingAdvert: Purpose.MASKING_ADVERT,
    MaskingShares: Purpose.MASKING_SHARES,
    MaskedStatement: Purpose.MASKED_STATEMENT,
    MaskedUpdate: Purpose.MASKED_UPDATE,
    SurvivorVote: Purpose.SURVIVOR_VOTE,
    UnmaskingShares: Purpose.UNMASKING,
}
Silent = frozenset[tuple[int, Act]]
"""Which hospital falls silent at which step, and stays so for the attempt."""


@dataclass
class KeptRounds:
    """Rounds in memory."""

    rounds: dict[RoundName, SecureRound] = field(default_factory=dict)
    replies: dict[tuple[RoundName, int, Act], SecureReply] = field(default_factory=dict)

    def of_round(self, name: RoundName) -> SecureRound | None:
        return self.rounds.get(name)

    def members_of(self, name: RoundName) -> str | None:
        same = [held for held in self.rounds if (held.plan_id, held.run_id) == (name.plan_id, name.run_id)]
        return self.rounds[same[0]].about.members_sha256 if same else None

    def reply(self, name: RoundName, attempt: int, act: Act) -> SecureReply | None:
        return self.replies.get((name, attempt, act))

    def revealed_like(self, state: SecureRound) -> tuple[str, ...]:
        same = [
            held.revealed_for
            for held in self.rounds.values()
            if held.words_sha256 == state.words_sha256
            or (held.about.plan_id, held.trained_sha256) == (state.about.plan_id, state.trained_sha256)
        ]
        return next((revealed for revealed in same if revealed), ())

    def keep(self, state: SecureRound, reply: SecureReply | None) -> None:
        self.rounds[state.name] = state
        if reply is not None:
            self.replies[(state.name, state.about.attempt, reply.act)] = reply


@dataclass
class KeptBackHere:
    """What was kept back, in memory."""

    numbers: dict[RoundName, bytes] = field(default_factory=dict)

    def of_round(self, name: RoundName) -> bytes | None:
        return self.numbers.get(name)

    def keep(self, name: RoundName, numbers: bytes) -> None:
        self.numbers.setdefault(name, numbers)
        older = [one for one in self.numbers if _run_of(one) == _run_of(name) and one.round <= name.round - 2]
        for one in older:
            del self.numbers[one]


def _run_of(name: RoundName) -> tuple[str, str]:
    return name.plan_id, name.run_id


class NoVectors:
    """A store of round vectors that is empty: these hospitals' updates are the test's."""

    def kept(self, asked: object) -> RoundVector | None:
        return None


@dataclass
class SecureHospital:
    """One member: its number, its identity, its one update of a round, and what it keeps."""

    number: int
    place: Place
    plan: TrainingPlan
    vector: NDArray[np.int32]
    weight: int
    kept: SecureRounds = field(default_factory=KeptRounds)

    @property
    def site_id(self) -> str:
        return self.place.site_id

    @property
    def identity(self) -> Identity:
        return an_identity(self.number)

    def answer(self, message: Any) -> bytes:
        """The sealed answer to an instruction."""
        asked = Asked(hashlib.sha256(encode(message)).hexdigest(), message)
        turns = Turns(self.site_id, KeptBackHere(), NoVectors(), self.kept)
        return Member(self.place, self.plan, self.kept, turns).answer(asked, self.vector_of)

    def vector_of(self, model_sha256: str) -> RoundVector:
        return RoundVector(model_sha256, self.vector.astype("<i4").tobytes(), self.weight, (), "cd" * 32, 0.5)

    def state(self, about: MaskingRound) -> SecureRound:
        """Where the round stands here."""
        state = self.kept.of_round(name_of(about))
        assert state is not None
        return state

    def weighted(self) -> NDArray[np.int64]:
        return self.vector.astype(np.int64) * self.weight


def sealer(identity: Identity) -> Callable[[Wire, bytes], bytes]:
    return lambda message, blob: seal(encode(message, blob), identity, PURPOSES[type(message)])


def part_sealer(identity: Identity) -> Callable[[Wire], bytes]:
    return lambda part: seal(encode(part), identity, PURPOSES[type(part)])


def a_secure_plan(size: int, *, threshold: int, colluders: int = 0) -> TrainingPlan:
    """A plan over one tensor of so many numbers."""
    secure = Aggregation(mode=AggregationMode.SECURE, threshold_t=threshold, colluders_c=colluders)
    tensors = (TensorSpec(name="head.weight", shape=(size,), dtype=Dtype.FLOAT32),)
    return a_plan(model=a_manifest(tensors=tensors), aggregation=secure)


def hospitals(count: int, *, threshold: int, colluders: int = 0, size: int = 6, seed: int = 1) -> list[SecureHospital]:
    """So many members who believe each other, each with its own update."""
    rng = np.random.default_rng(seed)
    plan = a_secure_plan(size, threshold=threshold, colluders=colluders)
    believed = {a_site(number): an_identity(number).public for number in range(1, count + 1)}
    made = []
    for number in range(1, count + 1):
        identity = an_identity(number)
        place = Place(
            site_id=a_site(number), believed=believed, aggregation=plan.aggregation, min_survivors=3,
            sealed=sealer(identity), sealed_part=part_sealer(identity), random_bytes=os.urandom,
        )  # fmt: skip
        vector = rng.integers(-(10**7), 10**7, size=size, dtype=np.int32)
        made.append(SecureHospital(number, place, plan, vector, weight=10 * int(rng.integers(1, 500))))
    return made


def about_of(
    members: Sequence[SecureHospital], *, attempt: int = 1, number: int = 1, run_id: str = RUN
) -> MaskingRound:
    """The attempt among these members."""
    aggregation = members[0].plan.aggregation
    return MaskingRound(
        plan_id=members[0].plan.plan_id, run_id=run_id, round=number, attempt=attempt, members_n=len(members),
        members_sha256=members_digest({one.site_id: one.identity.public.raw for one in members}),
        threshold_t=aggregation.threshold_t, colluders_c=aggregation.colluders_c,
    )  # fmt: skip


def opened(sealed: bytes, expected: type[Any], by: PublicIdentity) -> tuple[Any, bytes]:
    """A member's sealed answer, read."""
    return decode(unseal(sealed, by, PURPOSES[expected]), expected)


@dataclass
class Carried:
    """An attempt as an honest coordinator carried it so far."""

    members: list[SecureHospital]
    about: MaskingRound
    silent: Silent
    sheet: Sheet
    model: str = MODEL
    parts: dict[str, MaskedContribution] = field(default_factory=dict)

    def awake(self, act: Act, among: Sequence[str]) -> list[SecureHospital]:
        """Who still answers at this step: whoever fell silent at an earlier one stays so."""
        order = list(Act)
        gone = {who for who, when in self.silent if order.index(when) <= order.index(act)}
        return [one for one in self.members if one.site_id in among and one.number not in gone]

    @property
    def statements(self) -> dict[str, bytes]:
        return {site: part.sealed_statement for site, part in self.parts.items()}


def begin(
    members: list[SecureHospital], about: MaskingRound, *, silent: Silent = frozenset(), model: str = MODEL
) -> Carried:
    """The attempt with its adverts fixed."""
    ask = AdvertInstruction(about=about, model_sha256=model, members=tuple(one.site_id for one in members))
    gone = {who for who, when in silent if when is Act.ADVERTISE}
    adverts = {one.site_id: one.answer(ask) for one in members if one.number not in gone}
    return Carried(members, about, silent, sheet_of(everyone(members, about), model, adverts), model)


def everyone(members: Sequence[SecureHospital], about: MaskingRound) -> Members:
    """The members as the coordinator knows them."""
    return Members(about, {one.site_id: one.identity.public for one in members})


def deal(carried: Carried) -> dict[str, Any]:
    """What each member that gave its shares is asked for next."""
    dealt = {}
    for one in carried.awake(Act.SHARE, list(carried.sheet.adverts)):
        sealed = one.answer(carried.sheet.instruction())
        dealt[one.site_id], _ = opened(sealed, MaskingShares, one.identity.public)
    return mask_instructions(carried.sheet, dealt, model_sha256=carried.model)


def collect(carried: Carried, asked: Mapping[str, Any]) -> None:
    """The masked updates are held."""
    for one in carried.awake(Act.MASK, list(asked)):
        update, blob = opened(one.answer(asked[one.site_id]), MaskedUpdate, one.identity.public)
        carried.parts[one.site_id] = check_masked(update, blob, sheet=carried.sheet, plan=one.plan)


def unmask(carried: Carried) -> OpenedSum:
    """The sum, opened; with a vote where one is needed."""
    statements: dict[str, bytes] = carried.statements
    votes: tuple[bytes, ...] = ()
    if not carried.about.folds:
        ask = survivor_instruction(carried.sheet, statements, unmask=False)
        sealed = {one.site_id: one.answer(ask) for one in carried.awake(Act.VOTE, list(ask.survivors))}
        votes = counted_votes(carried.sheet, ask.survivors, sealed)
    ask = survivor_instruction(carried.sheet, statements, votes=votes, unmask=True)
    shown = {}
    for one in carried.awake(Act.REVEAL, list(ask.survivors)):
        shown[one.site_id], _ = opened(one.answer(ask), UnmaskingShares, one.identity.public)
    return open_sum(add_up(carried.sheet, carried.parts), shown)


def carry(
    members: list[SecureHospital], *, attempt: int = 1, number: int = 1, silent: Silent = frozenset()
) -> tuple[OpenedSum, list[SecureHospital]]:
    """The sum of one attempt and who is in it. Raises: SecureRoundFailed."""
    carried = begin(members, about_of(members, attempt=attempt, number=number), silent=silent)
    collect(carried, deal(carried))
    return unmask(carried), [one for one in members if one.site_id in carried.parts]


def renewed(place: Place, **changes: Any) -> Place:
    """The place with some of it changed."""
    return replace(place, **changes)


def check_equals_plain(opened: OpenedSum, counted: Sequence[SecureHospital]) -> None:
    """Bit for bit the sum of weight x fixed-point update, and of weights."""
    assert opened.total.tobytes() == np.sum([one.weighted() for one in counted], axis=0).tobytes()
    assert opened.weight == sum(one.weight for one in counted)
