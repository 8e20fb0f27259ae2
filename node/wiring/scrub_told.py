"""Where the received store stands, as `intramuros node status` and `fsck` tell it: its disk, its marks, its scrub."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from node.flows.scrub import ScrubStand
from node.flows.store_state import StoreState
from node.ground.texts import text
from node.intake.damage import Found
from node.storage.scrub_book import kept_stand
from node.wiring.terminal import language, say


def scrub_line(path: Path) -> list[str]:
    """One sentence on the round that runs or ended last; nothing where none ever began."""
    return _scrub(kept_stand(path))


def store_lines(state: StoreState, known: Collection[Found]) -> list[str]:
    """The disk, the scrub, and what it found damaged, as far as not `known` already."""
    marks = {"high": state.high_water_percent, "low": state.low_water_percent, "reserve": state.reserve_mib}
    found = [object_line(one) for one in state.damaged if one not in known]
    return [say("store_disk", used=f"{state.used_percent:.0f}", **marks), *_scrub(state.scrub), *found]


def store_document(state: StoreState) -> dict[str, object]:
    """The same for a program."""
    document: dict[str, dict[str, object]] = json.loads(json.dumps(asdict(state), default=datetime.isoformat))
    del document["scrub"]["name"]
    return dict(document)


def object_line(found: Found) -> str:
    """One damaged object: its store, its identifier, what is wrong with it."""
    return say("fsck_object", store=found.store, name=found.name, what=text(found.damage.text_key, language()))


def _scrub(stand: ScrubStand) -> list[str]:
    counts = {"examined": stand.examined, "damaged": stand.damaged}
    if stand.ended_at is not None:
        return [say("scrub_ended", ended=_told(stand.ended_at), **counts)]
    return [] if stand.began_at is None else [say("scrub_began", began=_told(stand.began_at), **counts)]


def _told(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
