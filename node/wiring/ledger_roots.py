"""Daily roots at the shell: the node's own to print and keep, and a ledger held against roots, without the node too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from pathlib import Path

from node.ground.faults import system_fault
from node.ground.membership import read_membership
from node.ground.told import Phrase
from node.release.closing import HeldRoot
from node.release.ledger import export_line
from node.release.root_file import (
    FILE_BYTES_MAX,
    Complete,
    Stated,
    read_root_file,
    root_document,
    verify_against,
)
from node.storage.engine import Database
from node.storage.wall_ledger import WallLedger
from node.storage.wall_roots import WallRoots
from node.wiring.joining import LedgerFileBroken, LedgerNotVerified, LedgerUnreadable, OwnLedgerBroken
from node.wiring.place import Place
from protocols.ledger_roots import RootBroken, RootFault, check_follows
from protocols.receipts import LedgerBroken


class RootMissing(LedgerNotVerified):
    """No day, or not that day, is closed."""

    text_key = "release.root_none"


class RootUnreadable(LedgerNotVerified):
    """The system does not give the file."""

    text_key = "release.root_unreadable"


class RootNotProven(LedgerNotVerified):
    """A root that is not proven by the keys named, or not alone of its day."""

    text_key = "release.root_refused"


class KeyMissing(LedgerNotVerified):
    """Roots were named, and nobody whose word counts."""

    text_key = "release.root_key_missing"


class RootFileMissing(LedgerNotVerified):
    """Keys were named, and no root."""

    text_key = "release.root_file_missing"


def own_root(place: Place, day: date | None) -> HeldRoot:
    """This node's root of a day, or its latest. Raises: RootMissing."""
    held = WallRoots(place.engine(Database.WALL)).of_day(day)
    if held is None:
        raise RootMissing
    return held


def coordinator_name(place: Place) -> str:
    """Who countersigns; nothing before the node joined."""
    return read_membership(place.home.membership).coordinator_name if place.home.membership.exists() else ""


def verify_with_roots(file: Path, roots: Sequence[Path], keys: Sequence[str]) -> Complete:
    """How far an exported ledger is complete. Raises: LedgerNotVerified, naming what does not hold."""
    if not keys:
        raise KeyMissing
    if not roots:
        raise RootFileMissing
    stated = [_stated(path, keys) for path in roots]
    try:
        with file.open("rb") as lines:
            return verify_against(lines, stated)
    except OSError as reason:
        raise LedgerUnreadable(file=file, reason=system_fault(reason)) from None
    except LedgerBroken as broken:
        fault = Phrase(f"release.ledger_fault_{broken.fault}")
        raise LedgerFileBroken(file=file, number=broken.number, fault=fault) from None
    except RootBroken as broken:
        raise _not_proven(roots[0], broken) from None


def verify_own_roots(place: Place) -> Complete | None:
    """How far this node's own ledger is complete by its own roots; nothing while no day is closed.

    Raises:
        LedgerNotVerified: the ledger is not the one its roots name, or they do not follow one another.
    """
    wall = place.engine(Database.WALL)
    held = WallRoots(wall).every()
    if not held:
        return None
    book, keys = WallLedger(wall), _own_keys(place)
    try:
        for _, roots in groupby((one.root for one in held), key=lambda root: root.site_id):
            before = None
            for root in roots:
                check_follows(root, before)
                before = root
        stated = [read_root_file(json.dumps(root_document(one)).encode("utf-8"), keys) for one in held]
        if [one.root for one in stated] != [one.root for one in held]:
            raise RootBroken(RootFault.OTHER_ROOT)
        rows = book.stored(book.head().number)
        return verify_against((export_line(text, stored).encode("utf-8") for text, stored in rows), stated)
    except LedgerBroken as broken:
        fault = Phrase(f"release.ledger_fault_{broken.fault}")
        raise OwnLedgerBroken(hospital=place.config.name, number=broken.number, fault=fault) from None
    except RootBroken as broken:
        raise _not_proven(Path("wall.db"), broken) from None


def _own_keys(place: Place) -> list[str]:
    own = place.keyring.identity().public.raw.hex()
    joined = place.home.membership.exists()
    return [own, *([read_membership(place.home.membership).coordinator.raw.hex()] if joined else [])]


def _stated(path: Path, keys: Sequence[str]) -> Stated:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
    except OSError as reason:
        raise RootUnreadable(file=path, reason=system_fault(reason)) from None
    try:
        return read_root_file(content if len(content) <= FILE_BYTES_MAX else b"", keys)
    except RootBroken as broken:
        raise _not_proven(path, broken) from None


def _not_proven(path: Path, broken: RootBroken) -> RootNotProven:
    known = broken.fault.value.replace("-", "_")
    return RootNotProven(file=path, fault=Phrase(f"release.root_fault_{known}"))
