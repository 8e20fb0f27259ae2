"""A run from its first round to its release, resumable after every step.

Each round: the model goes to every site that takes part, their updates become the next model, the checkpoint is on the
disk and then in the books. After the last round the last model is measured, the best round chosen, the chosen model
measured as the final one, and released. A ServerApp that takes the run up again goes on after the last checkpoint.
"""

from __future__ import annotations

from dataclasses import replace

from coordinator.acceptance.choice import check_model, choose_round
from coordinator.aggregation.server_step import Server
from coordinator.aggregation.weighted_sum import Aggregate, ModelNotFinite, next_model
from coordinator.flows.ask import ask, gather
from coordinator.flows.checkpoint import load_base, load_model, save_model
from coordinator.flows.publish import publish_chosen
from coordinator.flows.scene import Conductor, Scene, open_scene
from coordinator.flows.secure_round import askable, securely
from coordinator.offers.plan import least_members
from coordinator.rounds.instruction import Asked, Model
from coordinator.rounds.participants import Participant
from coordinator.rounds.run import RoundAttempt, Run, Step, closed, ended, voided
from coordinator.rounds.states import AttemptVoid, EndReason, RoundState, RunEnds
from protocols.plans import AggregationMode

_SECURE_TRIES = 2
"""How often a secure round is tried; hospitals send the same update again, under fresh masks."""
_TRIED_AGAIN = frozenset({EndReason.MEMBERS_LOST, EndReason.SHARES_DO_NOT_OPEN})


def conduct(conductor: Conductor, run_id: str) -> Run:
    """The run, released or ended with a reason.

    Raises:
        RunSuperseded: another ServerApp took the run up.
        CourierStopped: the engine ended the run; it can be taken up again.
    """
    scene = open_scene(conductor, run_id)
    try:
        _void_open_attempts(scene)
        _train(scene)
        _measure_last(scene)
        return publish_chosen(scene, _measure_final(scene, _choose(scene)))
    except RunEnds as end:
        return _end(scene, end.reason)


def _void_open_attempts(scene: Scene) -> None:
    now = scene.conductor.clock.now()
    with scene.conductor.work.writing() as books:
        scene.owned(books)
        for attempt in books.rounds.of_run(scene.run_id):
            if attempt.state is RoundState.OPEN:
                books.rounds.save(voided(attempt, sites=0, now=now), scene.event("round.void", now, reason="resumed"))


def _train(scene: Scene) -> None:
    with scene.conductor.work.reading() as books:
        done = scene.owned(books).rounds_done
    if done >= scene.plan.rounds:
        return
    model = load_base(scene, done)
    while model.round < scene.plan.rounds:
        model = _train_round(scene, model)


def _train_round(scene: Scene, base: Model) -> Model:
    secure = scene.plan.aggregation.mode is AggregationMode.SECURE
    tries = _SECURE_TRIES if secure else 1
    while True:
        asked, tries = _asked(scene, Step.TRAIN, base.round + 1, base), tries - 1
        present = _gathered(scene, asked, secure=secure)
        attempt = _open_attempt(scene, asked)
        try:
            aggregate, sites = (securely if secure else _plainly)(scene, asked, base, present)
        except AttemptVoid as void:
            _void(scene, attempt, void.sites)
            if not tries or void.reason not in _TRIED_AGAIN:
                raise RunEnds(void.reason) from None
            continue
        return _closed(scene, attempt, aggregate, sites)


def _gathered(scene: Scene, asked: Asked, *, secure: bool) -> tuple[Participant, ...]:
    if not secure:
        return gather(scene, asked, least=scene.plan.quorum)
    return gather(scene, asked, least=least_members(scene.plan), among=askable(scene, asked))


def _plainly(scene: Scene, asked: Asked, base: Model, present: tuple[Participant, ...]) -> tuple[Aggregate, int]:
    """The next model out of updates that are read one by one, and of how many sites it is. Raises: AttemptVoid."""
    heard = ask(scene, asked, base, present)
    contributions = [one.contribution for one in heard if one.accepted and one.contribution is not None]
    accepted = sum(one.accepted for one in heard)
    if len(contributions) < scene.plan.quorum:
        raise AttemptVoid(EndReason.TOO_FEW_ANSWERS, accepted)
    try:
        server, scale_bits = Server(scene.plan.strategy, base.moments), scene.plan.aggregation.scale_bits
        aggregate = next_model(base.blob, contributions, scale_bits=scale_bits, server=server)
    except ModelNotFinite:
        raise AttemptVoid(EndReason.NOT_FINITE, accepted) from None
    return aggregate, len(contributions)


def _closed(scene: Scene, attempt: RoundAttempt, aggregate: Aggregate, sites: int) -> Model:
    """The next model, on the disk and then in the books."""
    model = save_model(scene, attempt.round, aggregate.blob, aggregate.moments)
    now = scene.conductor.clock.now()
    done = closed(attempt, model.sha256, sites=sites, update_norm=aggregate.update_norm, now=now)
    with scene.conductor.work.writing() as books:
        run = scene.owned(books)
        books.rounds.save(done, scene.event("round.closed", now))
        books.runs.save(replace(run, rounds_done=attempt.round), scene.event("run.advanced", now))
    return model


def _measure_last(scene: Scene) -> None:
    if _was_asked(scene, Step.MEASURE):
        return
    _measure(scene, Step.MEASURE, scene.plan.rounds)


def _choose(scene: Scene) -> int:
    with scene.conductor.work.reading() as books:
        run, measured = scene.owned(books), books.answers.measurements(scene.run_id)
        rounds = books.rounds.of_run(scene.run_id)
    if run.chosen_round is not None:
        return run.chosen_round
    chosen = choose_round(measured, scene.plan.rounds)
    attempts = [attempt for attempt in rounds if attempt.state is RoundState.CLOSED]
    check_model(load_model(scene, chosen).blob, attempts, scene.plan)
    now = scene.conductor.clock.now()
    with scene.conductor.work.writing() as books:
        run = scene.owned(books)
        books.runs.save(replace(run, chosen_round=chosen), scene.event("run.round-chosen", now))
    return chosen


def _measure_final(scene: Scene, chosen: int) -> Model:
    if not _was_asked(scene, Step.MEASURE_FINAL):
        return _measure(scene, Step.MEASURE_FINAL, chosen)
    return load_model(scene, chosen)


def _measure(scene: Scene, step: Step, round_number: int) -> Model:
    model = load_model(scene, round_number)
    asked = _asked(scene, step, round_number, model)
    ask(scene, asked, model, gather(scene, asked, least=1))
    return model


def _asked(scene: Scene, step: Step, round_number: int, model: Model) -> Asked:
    attempt = _next_attempt(scene, step, round_number)
    return Asked(scene.plan.plan_id, scene.run_id, step, round_number, attempt, model.sha256)


def _next_attempt(scene: Scene, step: Step, round_number: int) -> int:
    """Every step counts its own attempts. What is measured is asked once: a repeat after a crash is the same attempt,
    to which nodes send the same bytes again."""
    if step is not Step.TRAIN:
        return 1
    with scene.conductor.work.reading() as books:
        taken = [held.attempt for held in books.rounds.of_run(scene.run_id) if held.round == round_number]
    return max(taken, default=0) + 1


def _was_asked(scene: Scene, step: Step) -> bool:
    with scene.conductor.work.reading() as books:
        return any(answer.step is step for answer in books.answers.of_run(scene.run_id))


def _open_attempt(scene: Scene, asked: Asked) -> RoundAttempt:
    now = scene.conductor.clock.now()
    attempt = RoundAttempt(scene.run_id, asked.round, asked.attempt, RoundState.OPEN, asked.model_sha256, now)
    with scene.conductor.work.writing() as books:
        scene.owned(books)
        books.rounds.add(attempt, scene.event("round.opened", now))
    return attempt


def _void(scene: Scene, attempt: RoundAttempt, sites: int) -> None:
    now = scene.conductor.clock.now()
    with scene.conductor.work.writing() as books:
        scene.owned(books)
        books.rounds.save(voided(attempt, sites=sites, now=now), scene.event("round.void", now))


def _end(scene: Scene, reason: EndReason) -> Run:
    now = scene.conductor.clock.now()
    with scene.conductor.work.writing() as books:
        run = ended(scene.owned(books), reason, now=now)
        books.runs.save(run, scene.event("run.ended", now, reason=reason.value))
    return run
