"""Pulling in the jobs process: a loop of its own beside cleaning, so that a slow archive never holds cleaning up."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from node.edges.jobs.loop import JobLoop, Work
from node.flows.pull import FIND_KIND, STUDY_KIND, Fetching, Finding, OpenSource, PullParts
from node.flows.receive import Receiving
from node.ground.config import Dicom, PullSource
from node.intake.hours import hours_of
from node.intake.lookups import Lookups
from node.storage.intake_parts import IntakeGround, receive_parts
from node.storage.job_queue import JobQueueStore
from node.storage.pull_store import PullBookStore
from node.wiring.place import Place

if TYPE_CHECKING:
    from node.edges.dicom.query_retrieve import PacsSource
    from node.edges.dicomweb.source import WebSource

_HOLDER = "pulls"
_STOP_SECONDS = 5.0


@contextmanager
def pulling(place: Place, ground: IntakeGround, stop: threading.Event) -> Iterator[None]:
    """Saved pulls are worked on while the block runs; at its end what is under way breaks off, to be gone on with."""
    dicom = place.config.dicom
    sources: tuple[PullSource, ...] = (*dicom.sources, *dicom.web_archives)
    if not sources:
        yield
        return
    receiving = Receiving(receive_parts(ground, dicom))
    lines = _lines(dicom, receiving)
    zone = ZoneInfo(place.config.timezone)
    parts = PullParts(
        book=PullBookStore(ground.engine, ground.identities()),
        sources={one.name: OpenSource(lines[one.name], hours_of(one.hours, zone), one.at_once) for one in sources},
        lookups=Lookups(ground.keyring),
        identities=ground.identities(),
        clock=place.clock,
        chance=random.SystemRandom(),
        pause=sleep,
    )
    works: dict[str, Work] = {FIND_KIND: Finding(parts), STUDY_KIND: Fetching(parts)}
    loop = JobLoop(
        JobQueueStore(ground.engine), works, [], place.clock, batch=sum(source.at_once for source in sources)
    )
    thread = threading.Thread(target=loop.run, args=(stop,), kwargs={"holder": _HOLDER}, name=_HOLDER, daemon=True)
    thread.start()
    try:
        yield
    finally:
        for line in lines.values():
            line.abort()
        thread.join(_STOP_SECONDS)


def _lines(dicom: Dicom, receiving: Receiving) -> dict[str, PacsSource | WebSource]:
    """The ways to what is pulled from; what speaks DICOM or HTTP is loaded where there is one."""
    from node.edges.dicom.query_retrieve import PacsSource
    from node.wiring.web_archives import web_source

    return {
        **{source.name: PacsSource(source, dicom, receiving) for source in dicom.sources},
        **{archive.name: web_source(archive, receiving) for archive in dicom.web_archives},
    }
