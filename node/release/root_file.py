"""A daily root as a file to keep and print, and a ledger held against such files without this node.

A root file is JSON with the sealed root, the sealed witness where there is one, and beside them in the open what they
say. Whoever verifies names keys they trust, by the key itself or its fingerprint: the coordinator's, whose witness
counts, or the hospital's, whose own word is told apart. What is in the open in the file is never believed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from node.release.closing import HeldRoot
from node.release.ledger import EMPTY, stored_in, verify_stored
from protocols.encoding import decode
from protocols.errors import FrameRefused, SignatureRefused
from protocols.ledger_roots import (
    ROOT_BYTES_MAX,
    LedgerRoot,
    LedgerWitness,
    RootBroken,
    RootFault,
    check_witness,
    root_digest,
    root_words,
)
from protocols.receipts import LedgerBroken, LedgerFault
from protocols.signing import PublicIdentity, Purpose, unseal_any

FILE_BYTES_MAX = 64 * 1024


@dataclass(frozen=True, slots=True)
class Stated:
    """What a root file proves under the keys that are trusted."""

    root: LedgerRoot
    witnessed_at: datetime | None
    """When the coordinator countersigned; nothing where only the hospital's own word is proven."""


@dataclass(frozen=True, slots=True)
class Complete:
    """A ledger held against its roots: complete to the last of them, after that not witnessed."""

    entries: int
    """In the ledger, all of them holding."""
    stated: Stated

    @property
    def after(self) -> int:
        """How many entries follow that no root names."""
        return self.entries - self.stated.root.entries


def root_document(held: HeldRoot) -> dict[str, object]:
    """The root as a file: what is proven by its seals, and beside it the same in the open, for people."""
    root = held.root
    return {
        "root": base64.b64encode(held.sealed).decode("ascii"),
        "witness": None if held.sealed_witness is None else base64.b64encode(held.sealed_witness).decode("ascii"),
        "day": root.day.isoformat(),
        "entries": root.entries,
        "head_hash": root.head_hash,
        "root_sha256": root_digest(root),
        "words": root_words(root),
        "witnessed_at": None if held.witnessed_at is None else held.witnessed_at.isoformat(),
    }


def trusts(keys: Sequence[str], signer: PublicIdentity) -> bool:
    """Whether one of the keys, hexadecimal or as fingerprint, spaces or none, is the signer's."""
    known = {signer.raw.hex(), signer.fingerprint.replace(" ", "")}
    return any("".join(key.split()).lower() in known for key in keys)


def read_root_file(content: bytes, keys: Sequence[str]) -> Stated:
    """What the file proves.

    Raises:
        RootBroken: it is no root file, none of the keys sealed it, or its witness is of another root.
    """
    try:
        document = json.loads(content)
        sealed_root = base64.b64decode(document["root"], validate=True)
        witness = document["witness"]
        sealed_witness = None if witness is None else base64.b64decode(witness, validate=True)
        opened = unseal_any(sealed_root, Purpose.LEDGER_ROOT)
        root, _ = decode(opened.frame, LedgerRoot, max_bytes=ROOT_BYTES_MAX)
    except (ValueError, TypeError, KeyError, RecursionError, SignatureRefused, FrameRefused):
        raise RootBroken(RootFault.UNREADABLE) from None
    witnessed_at = None if sealed_witness is None else _witnessed_at(sealed_witness, root, opened.signer, keys)
    if witnessed_at is None and not trusts(keys, opened.signer):
        raise RootBroken(RootFault.UNTRUSTED, root.day)
    return Stated(root, witnessed_at)


def _witnessed_at(sealed: bytes, root: LedgerRoot, hospital: PublicIdentity, keys: Sequence[str]) -> datetime | None:
    try:
        opened = unseal_any(sealed, Purpose.LEDGER_WITNESS)
        witness, _ = decode(opened.frame, LedgerWitness, max_bytes=ROOT_BYTES_MAX)
    except (SignatureRefused, FrameRefused):
        raise RootBroken(RootFault.UNREADABLE, root.day) from None
    check_witness(witness, root)
    return witness.witnessed_at if opened.signer != hospital and trusts(keys, opened.signer) else None


def verify_against(lines: Iterable[bytes], stated: Sequence[Stated]) -> Complete:
    """An exported ledger that holds, and holds to every one of these roots.

    Raises:
        LedgerBroken: an entry does not hold, is missing, or is not the one that a root names.
        RootBroken: two of the roots are of one day and not the same.
    """
    by_day: dict[date, LedgerRoot] = {}
    for one in stated:
        if by_day.setdefault(one.root.day, one.root) != one.root:
            raise RootBroken(RootFault.TWO_ROOTS, one.root.day)
    hashes = {0: EMPTY.hash}
    wanted = {one.root.entries for one in stated}
    entries = verify_stored(_noted(stored_in(lines), wanted, hashes))
    for root in sorted(by_day.values(), key=lambda root: root.entries):
        if root.entries > entries:
            raise LedgerBroken(entries + 1, LedgerFault.MISSING)
        if hashes[root.entries] != root.head_hash:
            raise LedgerBroken(root.entries, LedgerFault.UNROOTED)
    return Complete(entries, max(stated, key=lambda one: (one.witnessed_at is not None, one.root.day)))


def _noted(rows: Iterable[tuple[str, str]], wanted: set[int], hashes: dict[int, str]) -> Iterator[tuple[str, str]]:
    for number, (text, stored) in enumerate(rows, start=1):
        if number in wanted:
            hashes[number] = stored
        yield text, stored
