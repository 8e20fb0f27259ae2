"""`intramuros node plan …`: what was offered, and hospital IT's own stop, also while page or node is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from node.release.stops import StopLiftReason, standing_stops
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import open_place
from node.wiring.terminal import refusals, say, show

if TYPE_CHECKING:
    from node.flows.plan_book import KnownOffer
    from node.flows.wall_views import StopView

PlanArgument = Annotated[str, typer.Argument(help="The plan's identifier, or how it begins; `plan list` shows it.")]

plan = typer.Typer(help="Plans that were offered; hospital IT stops one here, whatever the page does.")


@plan.command("list")
def list_all(home: HomeOption, as_json: JsonOption = False) -> None:
    """Every plan that was offered, where it stands, and who stopped it."""
    from node.flows.plan_views import plan_view
    from node.wiring.plan_stops import known_offers

    with refusals():
        place = open_place(home)
        known, now = known_offers(place), place.clock.now()
        document = [plan_view(one, now).model_dump(mode="json") for one in known]
        lines = [_line(one, str(plan_view(one, now).standing)) for one in known]
        show(document, *(lines or [say("plan_none")]), as_json=as_json)


@plan.command("stop")
def stop(home: HomeOption, plan_id: PlanArgument, as_json: JsonOption = False) -> None:
    """Stop a plan in the name of hospital IT: from now on nothing leaves for it, until IT lifts that."""
    from node.wiring.plan_stops import named_offer, stop_at_the_shell

    with refusals():
        place = open_place(home)
        known = named_offer(place, plan_id)
        _told(known, stop_at_the_shell(place, known.offered.sha256, by_it(place)), "plan_stopped", as_json=as_json)


@plan.command("lift")
def lift(
    home: HomeOption,
    plan_id: PlanArgument,
    reason: Annotated[StopLiftReason, typer.Option(help="Why hospital IT lifts its stop.")],
    as_json: JsonOption = False,
) -> None:
    """Lift hospital IT's own stop. Whoever else stopped the plan lifts theirs; then it may be approved anew."""
    from node.wiring.plan_stops import lift_at_the_shell, named_offer

    with refusals():
        place = open_place(home)
        known = named_offer(place, plan_id)
        lifted = lift_at_the_shell(place, known.offered.sha256, reason, by_it(place))
        _told(known, lifted, "plan_lifted", as_json=as_json)


def _told(known: KnownOffer, stop: StopView, name: str, *, as_json: bool) -> None:
    plan_id = known.offered.plan.plan_id
    show({"plan_id": plan_id} | stop.model_dump(mode="json"), say(name, plan_id=plan_id), as_json=as_json)


def _line(known: KnownOffer, standing: str) -> str:
    asked = known.offered.plan
    line = say("plan_line", plan_id=asked.plan_id, partner=asked.partner_name, standing=say(f"standing_{standing}"))
    stops = [
        say("plan_line_stop", office=say(f"office_{stop.office.value}"), since=f"{stop.stopped_at:%Y-%m-%d %H:%M} UTC")
        for stop in standing_stops(known.stops)
    ]
    return "\n".join([line, *stops])
