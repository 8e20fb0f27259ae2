"""Hospital IT's stop from the shell: asked of the wall, and where no wall answers, written in its place.

Nothing leaves while no wall runs; written there, the stop holds from the wall's first moment, and its withdrawal waits
in the outbox.
"""

from __future__ import annotations

from collections.abc import Callable

from node.edges.wall_socket import WallClient
from node.flows.act import Act
from node.flows.desk import DeskProblem, DeskRefused, PlanDesk
from node.flows.desk_refusals import DECISION_REFUSALS, desk_refusal
from node.flows.plan_book import KnownOffer
from node.flows.plan_views import stop_view
from node.flows.send import OwnSite
from node.flows.stop import StopParts, lift_stop, stop_plan
from node.flows.wall_views import LiftForm, StopForm, StopView
from node.ground.membership import Membership, read_membership
from node.ground.told import Phrase, Told
from node.release.stops import Office, Stop, StopLiftReason
from node.storage.engine import Database
from node.storage.wall_plans import WallPlans
from node.storage.wall_send import WallUnit
from node.wiring.place import Place

NAME_LETTERS_MIN = 4


class PlanNotNamed(Told):
    """No plan of this node begins like that, or more than one does."""

    text_key = "terminal.plan_not_named"


class PlanNotDecided(Told):
    """The wall's desk refused; the reason is its sentence."""

    text_key = "terminal.plan_not_decided"


def known_offers(place: Place) -> list[KnownOffer]:
    """Every offer this node holds, the latest first. Raises: MembershipMissing."""
    return _plans(place, read_membership(place.home.membership)).offers()


def named_offer(place: Place, name: str) -> KnownOffer:
    """The latest offer of the one plan that is named so.

    Raises:
        PlanNotNamed: there is none, or the beginning fits two plans.
        MembershipMissing: the node has not joined.
    """
    fitting = [known for known in known_offers(place) if known.offered.plan.plan_id.startswith(name)]
    if len(name) < NAME_LETTERS_MIN or len({known.offered.plan.plan_id for known in fitting}) != 1:
        raise PlanNotNamed(name=name)
    return fitting[0]


def stop_at_the_shell(place: Place, offer_sha256: str, act: Act) -> StopView:
    """Hospital IT's stop, which stands from now on. Raises: PlanNotDecided."""
    return _decided(
        place,
        lambda desk: desk.stop(offer_sha256, StopForm(office=Office.IT), by=act.by),
        lambda parts: stop_plan(parts, offer_sha256, Office.IT, act),
    )


def lift_at_the_shell(place: Place, offer_sha256: str, reason: StopLiftReason, act: Act) -> StopView:
    """Hospital IT's stop, which stands no more. Raises: PlanNotDecided."""
    return _decided(
        place,
        lambda desk: desk.lift(offer_sha256, LiftForm(office=Office.IT, reason=reason), by=act.by),
        lambda parts: lift_stop(parts, offer_sha256, Office.IT, reason, act),
    )


def _decided(place: Place, ask: Callable[[PlanDesk], StopView], write: Callable[[StopParts], Stop]) -> StopView:
    try:
        return ask(WallClient(place.home.run / "wall.sock"))
    except DeskRefused as refusal:
        if refusal.problem is not DeskProblem.WALL_UNREACHABLE:
            raise _not_decided(refusal) from None
    membership = read_membership(place.home.membership)
    site = OwnSite(membership.site_id, place.keyring.identity(), membership.coordinator)
    try:
        return stop_view(write(StopParts(site, _plans(place, membership), WallUnit(place.engine(Database.WALL)))))
    except DECISION_REFUSALS as refusal:
        raise _not_decided(desk_refusal(refusal)) from None


def _plans(place: Place, membership: Membership) -> WallPlans:
    return WallPlans(place.engine(Database.WALL), membership.coordinator)


def _not_decided(refusal: DeskRefused) -> PlanNotDecided:
    return PlanNotDecided(reason=Phrase(f"release.problem_{refusal.problem.value.replace('-', '_')}"))
