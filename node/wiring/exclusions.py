"""Who is excluded, put together for a start, for the jobs process, for the page and for commands."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from node.edges.jobs.loop import Chore
from node.flows.act import Act
from node.flows.clean_endings import JOBS
from node.flows.exclude import follow, replay, withdraw
from node.flows.exclude_parts import ExcludeParts, ReplayParts
from node.ground.audit import Actor, ActorKind
from node.ground.ids import new_id
from node.ground.keyring import KeyPurpose
from node.intake.lookups import Lookups
from node.intake.sealing import Sealer
from node.storage.clean_store import CleanImages
from node.storage.engine import Database
from node.storage.exclusion_book import ExclusionBookFiles
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.ward_exclusions import WardExclusions
from node.storage.withdrawal_rows import WithdrawalRowsStore
from node.wiring.place import Place

_WITHDRAW_EVERY_SECONDS: Final = 5.0
_FOLLOW_EVERY_SECONDS: Final = 60.0
_START: Final = Actor(ActorKind.NODE, "start")


def exclude_parts(place: Place) -> ExcludeParts:
    """What excluding is made of at this node."""
    copy = place.config.exclusions.copy_to
    files = [place.home.exclusions] if copy is None else [place.home.exclusions, copy]
    return ExcludeParts(
        book=ExclusionBookFiles(files, Sealer(place.keyring.derive(KeyPurpose.IDENTITY_MAP, b"exclusions"))),
        rows=ExclusionRowsStore(place.engine(Database.INTAKE)),
        ward=WardExclusions(place.engine(Database.WARD)),
        lookups=Lookups(place.keyring),
        new_id=new_id,
    )


def replay_exclusions(place: Place, other_list: Path | None = None, act: Act | None = None) -> int:
    """List and databases know the same, and it is obeyed; how many entries were new to one of them.

    Raises:
        ExclusionListDamaged, ExclusionListUnusable: a file of the list cannot be used.
        StoreFull, StoreFailed: a database does not take it.
    """
    parts = ReplayParts(
        exclude=exclude_parts(place),
        patients=ExclusionRowsStore(place.engine(Database.INTAKE)),
        identities=Sealer(place.keyring.derive(KeyPurpose.IDENTITY_MAP)),
    )
    return replay(parts, act or Act(_START, place.clock.now()), other_list)


def exclusion_chores(place: Place) -> list[Chore]:
    """Images of excluded patients leave within seconds; whom another process made known meanwhile, within a minute."""
    parts = exclude_parts(place)
    rows, files = WithdrawalRowsStore(place.engine(Database.INTAKE)), CleanImages(place.home.clean)
    return [
        Chore("exclusions", _FOLLOW_EVERY_SECONDS, lambda: follow(parts, Act(JOBS, place.clock.now()))),
        Chore("withdrawals", _WITHDRAW_EVERY_SECONDS, lambda: withdraw(rows, files, place.clock)),
    ]
