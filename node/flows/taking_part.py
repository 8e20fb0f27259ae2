"""Who has a part in a round is noted before the round begins; and what patients had a part in is told when asked.

Noting is durable before anything is trained or measured, like a charge to a budget; an attempt that begins anew with
fewer patients adds to what was noted and takes nothing back, so that the record says rather too much than too little.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Protocol

from node.flows.desk_ports import ContactSeen
from node.flows.plan_book import PlanBook
from node.flows.taking_part_views import RunPartView, TakingPartView, UnrecordedView
from node.flows.taking_part_words import NOT_UNLEARNT, gap_sentence, part_sentences
from node.flows.wall_views import Words
from node.ground.audit import AuditEvent
from node.release.asked import Asked, Exchange
from node.release.patients import is_private
from node.release.taking_part import Role, RoundPart, RunKnown, RunPart, part_in_run, unrecorded
from node.training.cohort import Part
from protocols.plans import MetricName, TrainingPlan


class PartBook(Protocol):
    """Where it is noted who has a part in a round."""

    def note(self, asked: Asked, patients: Mapping[Role, frozenset[int]], event: AuditEvent) -> None:
        """The round has to do with these patients, durably, beside those it was noted with before."""
        ...


class PartsSeen(Protocol):
    """The record, to be told."""

    def parts_of(self, patients: Collection[int]) -> list[RoundPart]:
        """What any of these patients had a part in."""
        ...

    def recorded(self) -> Mapping[str, frozenset[int]]:
        """The rounds of every run of which it is recorded who was learnt from."""
        ...

    def left(self) -> Mapping[str, frozenset[int]]:
        """The rounds of every run whose update left."""
        ...

    def released_rounds(self) -> Mapping[str, int]:
        """Of every run whose final model was measured here, the round it is of."""
        ...

    def plans(self) -> Mapping[str, str]:
        """The plan of every run with a record or an update that left."""
        ...


@dataclass(frozen=True, slots=True)
class PartSight:
    """What telling needs."""

    parts: PartsSeen
    contact: ContactSeen
    plans: PlanBook


NO_PART = TakingPartView(about=NOT_UNLEARNT, runs=[], unrecorded=[])
"""What a node tells that never took part in anything."""


def roles_in(asked: Asked, plan: TrainingPlan, held: Mapping[Part, frozenset[int]]) -> dict[Role, frozenset[int]]:
    """What an exchange does with the patients of each part of a training export.

    The membership figure of a final model is measured on those it learnt from and on the holdout too.
    """
    validated = held.get(Part.VALIDATION, frozenset())
    if asked.exchange is Exchange.TRAIN:
        return {Role.LEARNT: held.get(Part.TRAIN, frozenset()), Role.MEASURED: validated}
    if asked.exchange is Exchange.FINAL and MetricName.MEMBERSHIP_AUC in plan.metrics:
        return {Role.MEASURED: frozenset(number for part in held.values() for number in part)}
    return {Role.MEASURED: validated}


def taking_part(sight: PartSight, patients: Collection[int]) -> TakingPartView:
    """What these patients had a part in, run by run, and of which rounds it is not recorded who had."""
    plans = {known.offered.plan.plan_id: known.offered.plan for known in sight.plans.offers()}
    plan_of = {**sight.parts.plans(), **{run.run_id: run.plan_id for run in sight.contact.runs()}}
    known = _known(sight, {run_id: plans.get(plan_id) for run_id, plan_id in plan_of.items()})
    parts = sorted(sight.parts.parts_of(patients), key=lambda one: one.run_id)
    runs = [part_in_run(held, known[run_id]) for run_id, held in groupby(parts, key=lambda one: one.run_id)]
    gaps = unrecorded(known, sight.parts.recorded())
    return TakingPartView(
        about=NOT_UNLEARNT,
        runs=[run_part_view(run, plans.get(run.plan_id)) for run in runs],
        unrecorded=[
            UnrecordedView(
                run_id=run_id, plan=_title(plans.get(plan_of[run_id])), rounds=list(rounds), told=gap_sentence(rounds)
            )
            for run_id, rounds in sorted(gaps.items())
        ],
    )


def run_part_view(run: RunPart, plan: TrainingPlan | None) -> RunPartView:
    """What is shown of one run."""
    return RunPartView(
        run_id=run.run_id,
        plan=_title(plan),
        partner_name=None if plan is None else plan.partner_name,
        learnt=list(run.learnt),
        left=list(run.left),
        measured=list(run.measured),
        released=run.released,
        released_round=run.released_round,
        advice=run.advice,
        told=part_sentences(run),
    )


def _known(sight: PartSight, runs: Mapping[str, TrainingPlan | None]) -> dict[str, RunKnown]:
    heard = {run.run_id: run for run in sight.contact.runs()}
    left, released = sight.parts.left(), sight.parts.released_rounds()
    return {
        run_id: RunKnown(
            heard[run_id].state if run_id in heard else None,
            heard[run_id].rounds_done if run_id in heard else 0,
            released.get(run_id),
            left.get(run_id, frozenset()),
            private=plan is not None and is_private(plan),
        )
        for run_id, plan in runs.items()
    }


def _title(plan: TrainingPlan | None) -> Words | None:
    return None if plan is None else Words(en=plan.title.en, ko=plan.title.ko)
