"""Commands about work: plans, start, runs, releases."""

from __future__ import annotations

from typing import Annotated

import typer

from coordinator.edges.cli.office import Doors, HomeOption, JsonOption, language, refusals, say, show
from coordinator.flows.overview import PlanView, RunView, overview
from coordinator.flows.start import start_run
from coordinator.ground.texts import Language
from coordinator.publication.release import Release


def add_work(app: typer.Typer, doors: Doors) -> None:
    """The commands are part of the application."""
    _add_plans(app, doors)
    _add_runs(app, doors)
    _add_releases(app, doors)


def _add_plans(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def plans(home: HomeOption, as_json: JsonOption = False) -> None:
        """List the plans with their approvals."""
        with refusals():
            office = doors.open_office(home)
            held = overview(office.work, now=office.clock.now()).plans
        rows = [_plan(view) for view in held]
        lines = [_plan_line(view) for view in held]
        show(rows, *(lines or [say("terminal.no-plan")]), as_json=as_json)

    @app.command()
    def start(
        home: HomeOption, plan_id: Annotated[str, typer.Argument(help="The plan.")], as_json: JsonOption = False
    ) -> None:
        """Start the run of a plan that enough hospitals approved; one that is live already is named."""
        with refusals():
            office = doors.open_office(home)
            started = start_run(office.work, plan_id, now=office.clock.now())
        run = started.run
        document = {"run_id": run.run_id, "plan_id": plan_id, "state": run.state.value, "new": started.new}
        line = say("terminal.run-started" if started.new else "terminal.run-live", run_id=run.run_id)
        show(document, line, as_json=as_json)


def _add_runs(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def runs(home: HomeOption, as_json: JsonOption = False) -> None:
        """List the runs with their rounds and what each site answered."""
        with refusals():
            office = doors.open_office(home)
            held = overview(office.work, now=office.clock.now()).runs
        rows = [_run(view) for view in held]
        lines = [_run_line(view) for view in held]
        show(rows, *(lines or [say("terminal.no-run")]), as_json=as_json)


def _add_releases(app: typer.Typer, doors: Doors) -> None:
    @app.command()
    def releases(home: HomeOption, as_json: JsonOption = False) -> None:
        """List the released models."""
        with refusals():
            office = doors.open_office(home)
            held = overview(office.work, now=office.clock.now()).releases
        rows = [_release(release) for release in held]
        lines = [_release_line(release) for release in held]
        show(rows, *(lines or [say("terminal.no-release")]), as_json=as_json)


def _plan_line(view: PlanView) -> str:
    plan, state = view.offer.plan, say(f"operator.state-{view.state}")
    title = plan.title.ko if language() is Language.KO else plan.title.en
    fields = {"approvals": view.ready, "quorum": plan.quorum, "title": title}
    return say("terminal.plan", plan_id=view.offer.plan_id, state=state, **fields)


def _run_line(view: RunView) -> str:
    run, state = view.run, say(f"operator.state-{view.run.state.value}")
    rounds = {"rounds_done": run.rounds_done, "rounds_planned": view.rounds_planned}
    line = say("terminal.run", run_id=run.run_id, state=state, **rounds)
    ended = "" if run.reason is None else say("terminal.run-ended", reason=say(f"ends.{run.reason.value}"))
    return line + ended


def _release_line(release: Release) -> str:
    light = say(f"operator.light-{release.light.value}")
    return say("terminal.release", release_id=release.release_id, light=light, digest=release.file_sha256)


def _plan(view: PlanView) -> dict[str, object]:
    plan = view.offer.plan
    return {
        "plan_id": view.offer.plan_id,
        "title": plan.title.en,
        "partner": view.partner_name,
        "state": view.state,
        "offer_sha256": view.offer.offer_sha256,
        "approvals": view.ready,
        "quorum": plan.quorum,
        "rounds": plan.rounds,
        "aggregation": plan.aggregation.mode.value,
        "compression": plan.aggregation.compression.value,
        "withdrawals": list(view.withdrawn),
    }


def _run(view: RunView) -> dict[str, object]:
    run = view.run
    return {
        "run_id": run.run_id,
        "plan_id": run.plan_id,
        "state": run.state.value,
        "reason": None if run.reason is None else run.reason.value,
        "rounds_done": run.rounds_done,
        "rounds_planned": view.rounds_planned,
        "starts": run.start,
        "chosen_round": run.chosen_round,
        "rounds": [
            {
                "round": held.round,
                "attempt": held.attempt,
                "state": held.state.value,
                "sites": held.sites,
                "update_norm": held.update_norm,
                "metrics": {metric.name.value: metric.value for metric in view.figures.get(held.round, ())},
            }
            for held in view.attempts
        ],
        "answers": [
            {"step": held.step.value, "round": held.round, "site_id": held.site_id, "outcome": held.outcome}
            for held in view.answers
        ],
    }


def _release(release: Release) -> dict[str, object]:
    return {
        "release_id": release.release_id,
        "plan_id": release.plan_id,
        "run_id": release.run_id,
        "attack_light": release.light.value,
        "model_sha256": release.model_sha256,
        "file_sha256": release.file_sha256,
        "released_at": release.released_at.isoformat(),
    }
