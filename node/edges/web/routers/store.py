"""What IT sees of the received store: how full its disk is, when room is made, and whether the scrub found damage."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from node.edges.web.parts import Parts
from node.edges.web.views import View
from node.ground.texts import Language, text
from node.intake.damage import Found
from protocols.labels import Bilingual

router = APIRouter(tags=["records"])


class ScrubView(View):
    """The round that runs, or ended last."""

    began_at: datetime | None
    ended_at: datetime | None
    examined: int
    damaged: int


class DamagedView(View):
    """One damaged object: the node's own identifier, and what is wrong with it."""

    name: str
    what: Bilingual


class StoreView(View):
    """The disk in percent of the room this node's user may fill, the marks, the scrub and its findings."""

    used_percent: float
    high_water_percent: int
    low_water_percent: int
    reserve_mib: int
    scrub: ScrubView
    damaged: list[DamagedView]


@router.get("/api/store")
def store(parts: Parts) -> StoreView:
    """How the received store stands now."""
    state = parts.store.state()
    return StoreView(
        used_percent=state.used_percent,
        high_water_percent=state.high_water_percent,
        low_water_percent=state.low_water_percent,
        reserve_mib=state.reserve_mib,
        scrub=ScrubView.model_validate(state.scrub),
        damaged=[_damaged(found) for found in state.damaged],
    )


def _damaged(found: Found) -> DamagedView:
    key = found.damage.text_key
    return DamagedView(name=found.name, what=Bilingual(ko=text(key, Language.KO), en=text(key, Language.EN)))
