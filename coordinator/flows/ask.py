"""One step asked of every site that takes part: who is there, what came back, what is recorded of each.

Every reply whose seal holds gets its receipt, also one whose content is then refused. Nothing waits longer than the
plan's deadline, and no transaction is open while frames travel or are read.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from coordinator.aggregation.update import Contribution, UpdateRefused, check_metrics, check_update
from coordinator.flows.books import Books
from coordinator.flows.receipts import receipt_for
from coordinator.flows.scene import Scene
from coordinator.rounds.instruction import Asked, Model, sealed_instruction
from coordinator.rounds.participants import Participant, participants
from coordinator.rounds.reply import Refusal, ReplyRefused, ResultReply, UpdateReply, read_reply
from coordinator.rounds.run import ACCEPTED, SILENT, Answer, Measurement, Step
from coordinator.rounds.states import EndReason, RunEnds
from protocols.plans import AggregationMode
from protocols.updates import WEIGHT_BAND, Metric

WITHDRAWN = "withdrawn"
STRAGGLER_SECONDS = 15.0
"""How long a step waits for sites beyond the quorum to come online."""
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one site: the recorded answer, the bytes to be receipted, its contribution and figures."""

    answer: Answer
    sealed: bytes | None = None
    contribution: Contribution | None = None
    metrics: tuple[Metric, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether the answer counts."""
        return self.answer.outcome == ACCEPTED


def gather(scene: Scene, asked: Asked, *, least: int, among: Collection[str] | None = None) -> tuple[Participant, ...]:
    """The sites to ask that are online: all of them, or at least `least` after a wait for stragglers. `among` are the
    only ones to ask, where there are such.

    Raises:
        RunEnds: fewer than `least` may take part, or came online until the plan's deadline.
    """
    clock = scene.conductor.clock
    began = clock.monotonic_seconds()
    while True:
        wanted = [one for one in _entitled_now(scene, asked) if among is None or one.site.site_id in among]
        online = scene.conductor.courier.online()
        present = tuple(site for site in wanted if site.node_id in online)
        waited = clock.monotonic_seconds() - began
        if len(present) >= least and (len(present) == len(wanted) or waited >= STRAGGLER_SECONDS):
            return present
        if len(wanted) < least or waited >= scene.plan.round_deadline_seconds:
            raise RunEnds(EndReason.TOO_FEW_SITES)
        clock.sleep(_LOOK_SECONDS)


def ask(scene: Scene, asked: Asked, model: Model, present: tuple[Participant, ...]) -> tuple[Heard, ...]:
    """What each of the sites answered, recorded, measured and receipted.

    Raises:
        CourierStopped: the engine ended the run.
        RunSuperseded: another ServerApp took the run up.
    """
    conductor = scene.conductor
    sealed = sealed_instruction(asked, model, conductor.face.identity)
    frames = {site.node_id: (asked.message_type, sealed) for site in present}
    replies = conductor.courier.exchange(frames, float(scene.plan.round_deadline_seconds))
    now = conductor.clock.now()
    heard = tuple(_heard(scene, asked, site, replies.get(site.node_id), now) for site in present)
    with conductor.work.writing() as books:
        scene.owned(books)
        for one in heard:
            if one.sealed is not None:
                receipt_for(books, one.answer.site_id, one.sealed, conductor.face.identity, now=now)
        still = {site.site.site_id for site in entitled(books, asked, now)}
        counted = tuple(one if one.answer.site_id in still else _withdrawn(one) for one in heard)
        books.answers.add([one.answer for one in counted], _measurements(scene, books, asked, counted))
    return counted


def _entitled_now(scene: Scene, asked: Asked) -> tuple[Participant, ...]:
    now = scene.conductor.clock.now()
    if now >= scene.plan.expires_at:
        raise RunEnds(EndReason.PLAN_EXPIRED)
    with scene.conductor.work.reading() as books:
        scene.owned(books)
        return entitled(books, asked, now)


def entitled(books: Books, asked: Asked, now: datetime) -> tuple[Participant, ...]:
    """The sites whose approval in force covers what is asked."""
    approvals = books.approvals.of_plan(asked.plan_id)
    return participants(books.sites.all(), approvals, round_number=asked.round, attempt=asked.attempt, now=now)


def _heard(scene: Scene, asked: Asked, site: Participant, sealed: bytes | None, now: datetime) -> Heard:
    silent = Heard(Answer(asked.run_id, asked.step, asked.round, asked.attempt, site.site.site_id, SILENT, now))
    if sealed is None:
        return silent
    try:
        match read_reply(sealed, site.site, asked):
            case UpdateReply(_, update, blob):
                part = check_update(update, blob, scene.plan, max_cases=site.approval.max_cases)
                answer = replace(silent.answer, outcome=ACCEPTED, weight=part.weight, update_norm=part.norm)
                return Heard(answer, sealed, part, update.metrics)
            case ResultReply(_, result):
                check_metrics(result.metrics)
                return Heard(replace(silent.answer, outcome=ACCEPTED), sealed, metrics=result.metrics)
            case Refusal(_, code):
                return Heard(replace(silent.answer, outcome=code), sealed)
    except ReplyRefused as refused:
        answer = replace(silent.answer, outcome=refused.code)
        return Heard(answer, sealed if refused.sealed else None)
    except UpdateRefused as refused:
        return Heard(replace(silent.answer, outcome=refused.reason.value), sealed)


def _withdrawn(heard: Heard) -> Heard:
    return Heard(replace(heard.answer, outcome=WITHDRAWN, weight=None, update_norm=None))


def _measurements(scene: Scene, books: Books, asked: Asked, heard: tuple[Heard, ...]) -> list[Measurement]:
    """A reply to training measures the model the round began with, by its own weight; others by the latest weight."""
    if scene.plan.aggregation.mode is AggregationMode.SECURE:
        return equal_measurements(scene, asked, {one.answer.site_id: one.metrics for one in heard if one.accepted})
    trained = asked.step is Step.TRAIN
    earlier = {answer.site_id: answer.weight for answer in books.answers.of_run(asked.run_id) if answer.weight}
    measured: list[Measurement] = []
    for one in heard:
        weight = one.answer.weight if trained else earlier.get(one.answer.site_id)
        named = [metric for metric in one.metrics if metric.name in scene.plan.metrics]
        if weight is not None:
            measured += [_measurement(asked, one.answer.site_id, metric, weight) for metric in named]
    return measured


def equal_measurements(scene: Scene, asked: Asked, told: Mapping[str, tuple[Metric, ...]]) -> list[Measurement]:
    """Figures of a secure run, where nobody knows a hospital's number of cases: each counts alike."""
    return [
        _measurement(asked, site_id, metric, WEIGHT_BAND)
        for site_id, metrics in told.items()
        for metric in metrics
        if metric.name in scene.plan.metrics
    ]


def _measurement(asked: Asked, site_id: str, metric: Metric, weight: int) -> Measurement:
    return Measurement(
        run_id=asked.run_id,
        round=asked.round - 1 if asked.step is Step.TRAIN else asked.round,
        final=asked.step is Step.MEASURE_FINAL,
        site_id=site_id,
        name=metric.name,
        value=metric.value,
        weight=weight,
    )
