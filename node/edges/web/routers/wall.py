"""Plans and approvals, what left, the line to the coordinator, verdicts: the page's way to the wall's desk.

Nothing is decided here. The desk answers over the wall's socket; a refusal of it becomes a problem document with the
titles of the release station.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response, status
from fastapi import Path as FromPath
from fastapi.responses import StreamingResponse
from fastapi.routing import APIRoute

from node.edges.web import problems
from node.edges.web.session import Caller, caller
from node.flows.desk import DeskProblem, DeskRefused, WallDesk
from node.flows.ledger_views import LedgerPage, RootView
from node.flows.peer_desk import ROSTER_FAULT
from node.flows.stop import check_office
from node.flows.wall_views import (
    ApprovalForm,
    ApprovalView,
    FederationView,
    FirstYesView,
    LiftForm,
    PlanDetail,
    PlanView,
    StopForm,
    StopView,
    VerdictView,
)
from node.ground.audit import Actor, ActorKind
from node.ground.texts import Language, text
from node.release.peers import PeerFault
from protocols.errors import ProblemType, Retry
from protocols.ids import Uuid

FILE_PAGE_ENTRIES = 500

Digest = Annotated[str, FromPath(pattern=r"^[0-9a-f]{64}$")]
Asking = Annotated[Caller, Depends(caller)]


def _problem(problem: DeskProblem, http_status: int, retry: Retry = Retry.AFTER_CHANGE) -> ProblemType:
    key = f"release.problem_{problem.value.replace('-', '_')}"
    return ProblemType(problem.value, http_status, text(key, Language.EN), text(key, Language.KO), retry)


DESK_PROBLEMS: Mapping[DeskProblem, ProblemType] = MappingProxyType(
    {
        DeskProblem.NOT_JOINED: _problem(DeskProblem.NOT_JOINED, 409),
        DeskProblem.OFFER_UNKNOWN: _problem(DeskProblem.OFFER_UNKNOWN, 404, Retry.NEVER),
        DeskProblem.STANDING_REFUSED: _problem(DeskProblem.STANDING_REFUSED, 409),
        DeskProblem.PLAN_TAKEN: _problem(DeskProblem.PLAN_TAKEN, 409),
        DeskProblem.CANNOT_TAKE_PART: _problem(DeskProblem.CANNOT_TAKE_PART, 409, Retry.NEVER),
        DeskProblem.OUTSIDE_PLAN: _problem(DeskProblem.OUTSIDE_PLAN, 422),
        DeskProblem.OFFICE_NOT_YOURS: _problem(DeskProblem.OFFICE_NOT_YOURS, 403),
        DeskProblem.PLAN_STOPPED: _problem(DeskProblem.PLAN_STOPPED, 409),
        DeskProblem.STOPPED_ALREADY: _problem(DeskProblem.STOPPED_ALREADY, 409),
        DeskProblem.NOT_STOPPED: _problem(DeskProblem.NOT_STOPPED, 409),
        DeskProblem.SECOND_YES_NEEDED: _problem(DeskProblem.SECOND_YES_NEEDED, 409),
        DeskProblem.SECOND_YES_IS_YOURS: _problem(DeskProblem.SECOND_YES_IS_YOURS, 403, Retry.NEVER),
        DeskProblem.FIRST_YES_GONE: _problem(DeskProblem.FIRST_YES_GONE, 409),
        DeskProblem.EPSILON_TOO_SMALL: _problem(DeskProblem.EPSILON_TOO_SMALL, 422),
        DeskProblem.NO_DAY_CLOSED: _problem(DeskProblem.NO_DAY_CLOSED, 404, Retry.LATER),
        DeskProblem.PEER_REFUSED: _problem(DeskProblem.PEER_REFUSED, 409),
        DeskProblem.WALL_UNREACHABLE: _problem(DeskProblem.WALL_UNREACHABLE, 503, Retry.LATER),
        DeskProblem.CALL_REFUSED: _problem(DeskProblem.CALL_REFUSED, 500, Retry.LATER),
    }
)


_PEER_FAULTS: Mapping[str, str] = MappingProxyType(
    {ROSTER_FAULT: "peer_roster", **{fault.value: f"peer_{fault.value.replace('-', '_')}" for fault in PeerFault}}
)
"""What is said of each reason why nothing was done with another hospital's key."""


def _problem_of(refusal: DeskRefused) -> ProblemType:
    known = DESK_PROBLEMS[refusal.problem]
    said = _PEER_FAULTS.get(refusal.detail) if refusal.problem is DeskProblem.PEER_REFUSED else None
    if said is None:
        return known
    titles = {language: text(f"release.{said}", language) for language in Language}
    return replace(known, title_en=titles[Language.EN], title_ko=titles[Language.KO])


class DeskRoute(APIRoute):
    """A route whose desk may refuse: the refusal leaves as its problem document."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's handler, which translates `DeskRefused`."""
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except DeskRefused as refusal:
                return problems.respond(_problem_of(refusal), detail_code=refusal.detail)

        return handler


def wall_router(desk: WallDesk) -> APIRouter:
    """The routes of plans, ledger, federation and verdicts over one desk."""
    router = APIRouter(prefix="/api", tags=["wall"], route_class=DeskRoute)
    _add_plans(router, desk)
    _add_sight(router, desk)
    return router


def _add_plans(router: APIRouter, desk: WallDesk) -> None:
    @router.get("/plans")
    def plans() -> list[PlanView]:
        """Every plan that was offered, the latest first."""
        return desk.plans()

    @router.get("/plans/{offer_sha256}")
    def plan(offer_sha256: Digest) -> PlanDetail:
        """One plan in words."""
        return desk.plan(offer_sha256)

    @router.post("/plans/{offer_sha256}/approval", status_code=status.HTTP_201_CREATED)
    def approve(offer_sha256: Digest, form: ApprovalForm, person: Asking) -> ApprovalView:
        """The approval, which holds from now on."""
        return desk.approve(offer_sha256, form, person_id=person.person_id)

    @router.post("/plans/{offer_sha256}/first-yes", status_code=status.HTTP_201_CREATED)
    def say_first_yes(offer_sha256: Digest, form: ApprovalForm, person: Asking) -> FirstYesView:
        """The first yes, which counts for nothing until a second steward confirmed it."""
        return desk.say_first_yes(offer_sha256, form, person_id=person.person_id)

    @router.post("/plans/{offer_sha256}/first-yes/{yes_id}/confirmation", status_code=status.HTTP_201_CREATED)
    def confirm(offer_sha256: Digest, yes_id: Uuid, person: Asking) -> ApprovalView:
        """The approval the first steward wished for; whoever confirms is somebody else."""
        return desk.confirm(offer_sha256, yes_id, person_id=person.person_id)

    @router.delete("/plans/{offer_sha256}/first-yes/{yes_id}", status_code=status.HTTP_204_NO_CONTENT)
    def drop_first_yes(offer_sha256: Digest, yes_id: Uuid, person: Asking) -> None:
        """The first yes waits no more: taken back, or turned down by another steward."""
        desk.drop_first_yes(offer_sha256, yes_id, person_id=person.person_id)

    @router.post("/plans/{offer_sha256}/stop", status_code=status.HTTP_201_CREATED)
    def stop(offer_sha256: Digest, form: StopForm, person: Asking) -> StopView:
        """The stop, in the name of an office the person holds; an approval that holds ends with it."""
        check_office(form.office, person.roles)
        return desk.stop(offer_sha256, form, by=Actor(ActorKind.PERSON, person.person_id))

    @router.post("/plans/{offer_sha256}/stop/lifting")
    def lift(offer_sha256: Digest, form: LiftForm, person: Asking) -> StopView:
        """The office's own stop, which stands no more."""
        check_office(form.office, person.roles)
        return desk.lift(offer_sha256, form, by=Actor(ActorKind.PERSON, person.person_id))


def _add_sight(router: APIRouter, desk: WallDesk) -> None:
    @router.get("/federation")
    def federation() -> FederationView:
        """Whether and how this node belongs to a federation."""
        return desk.federation()

    @router.get("/ledger")
    def ledger(after: Annotated[int, Query(ge=0)] = 0, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> LedgerPage:
        """What left, in order; the first page says whether the whole chain holds."""
        return desk.ledger(after, limit)

    @router.get("/ledger/file", response_class=StreamingResponse)
    def ledger_file() -> StreamingResponse:
        """The whole ledger as a file that `intramuros node ledger verify FILE` checks anywhere."""
        first = desk.ledger_lines(0, FILE_PAGE_ENTRIES)
        headers = {"Content-Disposition": 'attachment; filename="ledger.ndjson"'}
        return StreamingResponse(_lines(desk, first), media_type="application/x-ndjson", headers=headers)

    @router.get("/ledger/root")
    def ledger_root(response: Response) -> RootView:
        """The latest daily root, as a file that `intramuros node ledger verify FILE --root` takes."""
        root = desk.ledger(0, 1).root
        if root is None:
            raise DeskRefused(DeskProblem.NO_DAY_CLOSED)
        response.headers["Content-Disposition"] = f'attachment; filename="ledger-root-{root.day}.json"'
        return root

    @router.get("/verdicts")
    def verdicts() -> list[VerdictView]:
        """The benefit verdict of every run."""
        return desk.verdicts()


def _lines(desk: WallDesk, first: list[str]) -> Iterator[str]:
    page, after = first, 0
    while page:
        yield from page
        after += len(page)
        page = desk.ledger_lines(after, FILE_PAGE_ENTRIES)
