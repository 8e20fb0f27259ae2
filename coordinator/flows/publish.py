"""The chosen model becomes a release: the attack light decides, the passport tells, the file is kept."""

from __future__ import annotations

from dataclasses import replace

from coordinator.flows.books import Books
from coordinator.flows.scene import Scene
from coordinator.ground.ids import new_id
from coordinator.offers.approval import HeldApproval
from coordinator.publication.light import attack_light, check_light
from coordinator.publication.release import Chosen, publish, tensor_file
from coordinator.rounds.instruction import Model
from coordinator.rounds.run import ACCEPTED, Run, Step, finished
from coordinator.rounds.states import RoundState


def publish_chosen(scene: Scene, model: Model) -> Run:
    """The run, finished with its release.

    Raises:
        ModelNotAccepted: the plan's policy or a hospital's approval does not allow this light.
    """
    chosen = _chosen(scene, model)
    conductor, now = scene.conductor, scene.conductor.clock.now()
    release = publish(
        chosen, conductor.face.identity, release_id=new_id(), coordinator_name=conductor.face.name, now=now
    )
    conductor.models.write_release(release.release_id, chosen.file)
    with conductor.work.writing() as books:
        run = finished(replace(scene.owned(books), chosen_round=model.round), now=now)
        subject = f"release:{release.release_id}"
        books.releases.add(release, scene.event("release.published", now, subject=subject))
        books.runs.save(run, scene.event("run.finished", now))
    return run


def _chosen(scene: Scene, model: Model) -> Chosen:
    with scene.conductor.work.reading() as books:
        run, measurements = scene.owned(books), books.answers.measurements(scene.run_id)
        rounds = [held for held in books.rounds.of_run(scene.run_id) if held.state is RoundState.CLOSED]
        contributors = _contributors(books, scene)
    light = attack_light(measurements)
    check_light(light, scene.plan.attack_policy, contributors)
    return Chosen(
        offer=scene.offer,
        run=run,
        chosen_round=model.round,
        model_sha256=model.sha256,
        file=tensor_file(scene.plan.model.tensors, model.blob),
        rounds=rounds,
        measurements=measurements,
        light=light,
    )


def _contributors(books: Books, scene: Scene) -> list[HeldApproval]:
    """The latest approval, withdrawn or not, of every site whose update is in the model."""
    answers = books.answers.of_run(scene.run_id)
    trained = {held.site_id for held in answers if held.step is Step.TRAIN and held.outcome == ACCEPTED}
    latest = {held.site_id: held for held in books.approvals.of_plan(scene.plan.plan_id)}
    return [held for site_id, held in latest.items() if site_id in trained]
