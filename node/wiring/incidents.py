"""Incidents, put together for the page and for the jobs process; what stands open too long is said in the log."""

from __future__ import annotations

from typing import Final

from node.edges.jobs.loop import Chore
from node.flows.concerns import IncidentParts, open_counts, settle_incidents
from node.ground.logs import log
from node.storage.clean_store import CleanImages
from node.storage.engine import Database
from node.storage.incident_rows import IncidentRows
from node.storage.ward_store import WardStore
from node.wiring.place import Place

_SETTLE_EVERY_SECONDS: Final = 10.0
_ALARM_EVERY_SECONDS: Final = 900.0


def incident_parts(place: Place) -> IncidentParts:
    """What an incident is settled with at this node."""
    rows = IncidentRows(place.engine(Database.INTAKE))
    return IncidentParts(images=rows, files=CleanImages(place.home.clean), alike=rows)


def incident_chores(place: Place) -> list[Chore]:
    """Images of withdrawn cases leave within seconds, whatever crashed; concerns open too long are said in the log."""
    ward, parts = WardStore(place.engine(Database.WARD)), incident_parts(place)
    return [
        Chore("incidents", _SETTLE_EVERY_SECONDS, lambda: settle_incidents(ward, parts, place.clock.now())),
        Chore("concerns", _ALARM_EVERY_SECONDS, lambda: say_alarms(ward, place)),
    ]


def say_alarms(ward: WardStore, place: Place) -> None:
    """A warning stands in the log for every kind of which some stand open too long."""
    for count in open_counts(ward, place.clock.now()):
        if count.alarming:
            log().warning("concerns open too long", kind=count.kind.value, count=count.alarming)
