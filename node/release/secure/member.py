"""A member of a run: every instruction is answered once, from a state that was stored before anything is sent.

The same bytes asked again get the same bytes back, also after a restart; the same step asked with other bytes is a lie.
A refusal that only a lie can bring about ends the attempt: its secrets are destroyed before the refusal is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from node.release.secure.mask import accept_shares, mask
from node.release.secure.place import Place
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.sharing import advertise, share
from node.release.secure.state import Act, RoundName, SecureRound, ended, name_of
from node.release.secure.survivors import reveal, vote
from node.release.secure.turns import Turns
from node.release.secure.words import Words, bits_of, turns_of_plan, weighted_words, words_of_plan
from node.release.update import RoundVector, fixed_point_specs
from protocols.encoding import Wire
from protocols.masking import AdvertInstruction, MaskedUpdate, MaskInstruction, ShareInstruction, SurvivorInstruction
from protocols.plans import MetricName, TrainingPlan
from protocols.updates import Metric
from protocols.word_range import largest_weight


@dataclass(frozen=True, slots=True)
class SecureReply:
    """What was answered to one step of one attempt, and the digest of the instruction that asked for it."""

    act: Act
    asked_sha256: str
    sealed: bytes


class SecureRounds(Protocol):
    """Where rounds are kept: on this node alone, encrypted, never in a backup, void after a restore."""

    def of_round(self, name: RoundName) -> SecureRound | None:
        """The round's state, of its latest attempt."""
        ...

    def members_of(self, name: RoundName) -> str | None:
        """The digest of the members this round's run began with; nothing for a run that is new."""
        ...

    def reply(self, name: RoundName, attempt: int, act: Act) -> SecureReply | None:
        """What was answered to this step of this attempt."""
        ...

    def revealed_like(self, state: SecureRound) -> tuple[str, ...]:
        """The list this node revealed for where its update was the same: trained on the same model in any run of this
        plan, or equal number by number in any plan; nothing when there is none."""
        ...

    def keep(self, state: SecureRound, reply: SecureReply | None) -> None:
        """State and reply are stored durably, together; secrets of earlier states are gone."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One instruction as it came: the digest of its bytes, and what it says."""

    sha256: str
    message: AdvertInstruction | ShareInstruction | MaskInstruction | SurvivorInstruction

    @property
    def act(self) -> Act:
        """What it asks for."""
        match self.message:
            case AdvertInstruction():
                return Act.ADVERTISE
            case ShareInstruction():
                return Act.SHARE
            case MaskInstruction():
                return Act.MASK
            case SurvivorInstruction(unmask=unmask):
                return Act.REVEAL if unmask else Act.VOTE


class Member:
    """Answers the steps of one plan. Not safe for two threads at once: the wall answers one instruction at a time."""

    def __init__(self, place: Place, plan: TrainingPlan, rounds: SecureRounds, turns: Turns) -> None:
        self._place = place
        self._plan = plan
        self._rounds = rounds
        self._turns = turns

    def answer(self, asked: Asked, vector_of: Callable[[str], RoundVector]) -> bytes:
        """The sealed answer to a step, stored. `vector_of` gives the round's one vector for a received model.

        Raises:
            SecureRefused: by reason; after a lie the attempt is over.
        """
        about = asked.message.about
        state = self._rounds.of_round(name_of(about))
        try:
            stored = self._stored(state, asked)
            if stored is not None:
                return stored
            after, message, blob = self._step(state, asked.message, vector_of)
        except SecureRefused as refused:
            if refused.ends_attempt and state is not None and about.attempt >= state.about.attempt:
                self._rounds.keep(ended(state), None)
            raise
        sealed = self._place.sealed(message, blob)
        self._rounds.keep(after, SecureReply(asked.act, asked.sha256, sealed))
        return sealed

    def _stored(self, state: SecureRound | None, asked: Asked) -> bytes | None:
        about = asked.message.about
        if state is not None and about.attempt < state.about.attempt:
            raise SecureRefused(SecureReason.OLD_ATTEMPT)
        reply = self._rounds.reply(name_of(about), about.attempt, asked.act)
        if reply is None:
            return None
        if reply.asked_sha256 != asked.sha256:
            raise SecureRefused(SecureReason.ASKED_DIFFERENTLY)
        return reply.sealed

    def _step(
        self, state: SecureRound | None, message: Wire, vector_of: Callable[[str], RoundVector]
    ) -> tuple[SecureRound, Wire, bytes]:
        if isinstance(message, AdvertInstruction):
            words_of_plan(self._plan, members=message.about.members_n)
            begun = self._rounds.members_of(name_of(message.about))
            return (*advertise(state, message, self._place, members_of_run=begun), b"")
        if state is None:
            raise SecureRefused(SecureReason.OUT_OF_TURN)
        if isinstance(message, ShareInstruction):
            return (*share(state, message, self._place), b"")
        if isinstance(message, MaskInstruction):
            return self._masked(state, message, vector_of)
        if isinstance(message, SurvivorInstruction):
            step = reveal if message.unmask else vote
            return (*step(self._bound(state), message, self._place), b"")
        raise SecureRefused(SecureReason.OUT_OF_TURN)

    def _bound(self, state: SecureRound) -> SecureRound:
        """The round, bound to the one list its update was ever revealed in."""
        return state if state.revealed_for else replace(state, revealed_for=self._rounds.revealed_like(state))

    def _masked(
        self, state: SecureRound, asked: MaskInstruction, vector_of: Callable[[str], RoundVector]
    ) -> tuple[SecureRound, Wire, bytes]:
        fixed = accept_shares(state, asked, self._place)
        held, plan = vector_of(asked.model_sha256), self._plan
        if held.base_model_sha256 != asked.model_sha256:
            raise SecureRefused(SecureReason.OTHER_MODEL)
        words = self._words(state, held)
        after, masked = mask(fixed, words, self._place)
        message = MaskedUpdate(
            site_id=self._place.site_id,
            sealed_statement=masked.sealed_statement,
            scale_bits=plan.aggregation.scale_bits,
            word_bits=bits_of(words),
            tensors=fixed_point_specs(plan.model.tensors),
            metrics=tuple(Metric(name=MetricName(name), value=value) for name, value in held.metrics),
        )
        return after, message, masked.blob

    def _words(self, state: SecureRound, held: RoundVector) -> Words:
        """What is masked of the round's one vector: all of it, or the numbers whose turn it is."""
        plan, members = self._plan, len(state.members)
        turns = turns_of_plan(plan, members=members)
        if turns is not None:
            return self._turns.words(state.about, held, plan, turns).words
        bits, largest = words_of_plan(plan, members=members), largest_weight(plan.cohort.max_cases)
        return weighted_words(held.vector, held.weight, bits=bits, largest=largest)
