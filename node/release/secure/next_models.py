"""The model of each round of a secure run, made here from the one before and kept on the shelf, one for every plan.

A hospital speaks its advert only for the model it made itself, and masks only an update of that very model. One that
missed the round in which it would have been given the first model, or lost its shelf, has nothing to start from and
sits the rest of the run out; the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from node.release.secure.member import Asked as Step
from node.release.secure.next_model import Made, check_said, next_in_turn, next_model
from node.release.secure.refusals import SecureReason, SecureRefused
from node.release.secure.server_step import moments_of, remembers
from node.release.secure.turns import Turns
from node.release.secure.words import turns_of_plan, words_of_plan
from node.release.tensors import shapes_of
from node.training.weights import Tensors, from_blob, to_blob
from protocols.masking import AdvertInstruction, MaskInstruction, SumTold
from protocols.models import model_digest
from protocols.plans import TrainingPlan


class RoundShelf(Protocol):
    """Models by name, one of them replaced every round."""

    def keep(self, name: str, tensors: Tensors) -> None:
        """The model is on the shelf under this name."""
        ...

    def kept(self, name: str) -> Tensors | None:
        """The model of this name. Raises: ModelDamaged."""
        ...

    def clear(self, beginning: str, *, but: str = "") -> None:
        """No model is on the shelf under a name that begins so, but that one."""
        ...


def start_name(plan_id: str) -> str:
    """The shelf's name for the starting weights of a plan."""
    return f"{plan_id}.start"


def rounds_name(plan_id: str) -> str:
    """What the shelf's names for models after rounds of any run of a plan begin with."""
    return f"{plan_id}.round."


def round_name(plan_id: str, run_id: str, number: int) -> str:
    """The shelf's name for the model after a round of a run."""
    return f"{rounds_name(plan_id)}{run_id}.{number}"


def moments_names(plan_id: str) -> str:
    """What the shelf's names for what optimisers remember of a plan begin with."""
    return f"{plan_id}.moments."


def moments_name(plan_id: str, run_id: str, number: int) -> str:
    """The shelf's name for what the optimiser remembers after a round of a run."""
    return f"{moments_names(plan_id)}{run_id}.{number}"


@dataclass(frozen=True, slots=True)
class NextModels:
    """Holds instructions of a secure round to the models this hospital made."""

    shelf: RoundShelf
    min_survivors: int
    turns: Turns | None
    """Settles rounds of updates that go in turns; nothing on a node that takes part in no secure round."""

    def make(self, asked: AdvertInstruction, words: bytes, plan: TrainingPlan) -> None:
        """The model the advert will name is on the shelf, made here; in round one it is the offered start.

        Raises:
            SecureRefused: the sum is refused, does not lead to the model named, or the model before is not here.
        """
        about = asked.about
        if about.round == 1:
            if asked.opened is not None or words:
                raise SecureRefused(SecureReason.SUM_REFUSED)
            return
        name = round_name(about.plan_id, about.run_id, about.round - 1)
        if self._digest(name, plan) is None:
            before = self.shelf.kept(_name_before(asked))
            if before is None:
                raise SecureRefused(SecureReason.MODEL_MISSING)
            said = check_said(asked.opened, about, min_survivors=self.min_survivors)
            shapes = shapes_of(plan.model.tensors)
            base = to_blob(shapes, before)
            made = _after(self._with_moments(base, asked, plan), said, words, asked, plan)
            if model_digest(plan.model.tensors, made.blob) != asked.model_sha256:
                raise SecureRefused(SecureReason.OTHER_MODEL)
            if self.turns is not None:
                self.turns.settle(about, said.sites or (), model_digest(plan.model.tensors, base), plan)
            self._keep_moments(made, asked)
            self.shelf.keep(name, from_blob(shapes, made.blob))
            self.shelf.clear(rounds_name(about.plan_id), but=name)
            self.shelf.clear(
                moments_names(about.plan_id), but=moments_name(about.plan_id, about.run_id, about.round - 1)
            )
        self.check(asked, plan)

    def hold(self, step: Step, words: bytes, plan: TrainingPlan) -> None:
        """Return when the step is about the model made here, or about none; it is made now where it must be.

        Raises:
            SecureRefused: it is not.
        """
        match step.message:
            case AdvertInstruction() as asked:
                self.make(asked, words, plan)
            case MaskInstruction() as asked:
                self.check(asked, plan)
            case _:
                return

    def check(self, asked: AdvertInstruction | MaskInstruction, plan: TrainingPlan) -> None:
        """Return when the model is the one made here. Raises: SecureRefused."""
        if asked.about.round > 1:
            name = round_name(asked.about.plan_id, asked.about.run_id, asked.about.round - 1)
            if self._digest(name, plan) != asked.model_sha256:
                raise SecureRefused(SecureReason.OTHER_MODEL)

    def _with_moments(self, base: bytes, asked: AdvertInstruction, plan: TrainingPlan) -> Made:
        """The model the last round began with, with what the optimiser remembers of the rounds before it."""
        about, number = asked.about, asked.about.round - 2
        if number == 0 or not remembers(plan.strategy):
            return Made(base)
        return Made(base, moments_of(self.shelf.kept(moments_name(about.plan_id, about.run_id, number))))

    def _keep_moments(self, made: Made, asked: AdvertInstruction) -> None:
        """They are on the shelf before their model is."""
        if made.moments is not None:
            about = asked.about
            name = moments_name(about.plan_id, about.run_id, about.round - 1)
            self.shelf.keep(name, made.moments.tensors)

    def _digest(self, name: str, plan: TrainingPlan) -> str | None:
        """Of the model of this name, if it is here."""
        held = self.shelf.kept(name)
        specs = plan.model.tensors
        return None if held is None else model_digest(specs, to_blob(shapes_of(specs), held))


def _name_before(asked: AdvertInstruction) -> str:
    """Of the model the last round began with."""
    about, number = asked.about, asked.about.round - 2
    return round_name(about.plan_id, about.run_id, number) if number else start_name(about.plan_id)


def _after(start: Made, said: SumTold, words: bytes, asked: AdvertInstruction, plan: TrainingPlan) -> Made:
    """The model after the round whose sum is told. Raises: SecureRefused."""
    about = asked.about
    if turns_of_plan(plan, members=about.members_n) is None:
        return next_model(start, said, words, plan=plan, bits=words_of_plan(plan, members=about.members_n))
    if said.sites is None or not set(said.sites) <= set(asked.members):
        raise SecureRefused(SecureReason.SUM_REFUSED)
    before = about.model_copy(update={"round": about.round - 1})
    return next_in_turn(start, said, words, plan=plan, about=before)
