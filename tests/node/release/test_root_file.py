"""A ledger held against roots by somebody who has the file, a key and a root, and nothing of the node."""

import json
from datetime import timedelta
from typing import Any

import pytest
from factories import NOW, a_ledger_entry, a_ledger_root
from fakes.wall_cast import COORDINATOR_IDENTITY, HOSPITAL, SOMEBODY_ELSE

from node.release.closing import HeldRoot
from node.release.ledger import entry_text, export_line
from node.release.root_file import read_root_file, root_document, verify_against
from protocols.encoding import encode
from protocols.ledger_roots import LedgerRoot, RootBroken, RootFault, root_digest, witness_of
from protocols.receipts import GENESIS, LedgerBroken, LedgerFault, entry_hash
from protocols.signing import Identity, Purpose, seal

KEYS = [COORDINATOR_IDENTITY.public.fingerprint]
DAY = timedelta(days=1)


def a_ledger(count: int, *, name: str = "ab") -> tuple[list[bytes], list[str]]:
    lines, hashes, previous = [], [GENESIS], GENESIS
    for number in range(1, count + 1):
        entry = a_ledger_entry(number=number, previous_hash=previous, sent_sha256=name * 32)
        previous = entry_hash(entry)
        hashes.append(previous)
        lines.append(export_line(entry_text(entry), previous).encode("utf-8"))
    return lines, hashes


LINES, HASHES = a_ledger(5)
ROOT = a_ledger_root(entries=3, head_hash=HASHES[3])


def a_file(
    of: LedgerRoot = ROOT, *, by: Identity = COORDINATOR_IDENTITY, witnessed: bool = True, **shown: Any
) -> bytes:
    witness = seal(encode(witness_of(of, now=NOW)), by, Purpose.LEDGER_WITNESS) if witnessed else None
    held = HeldRoot(of, seal(encode(of), HOSPITAL, Purpose.LEDGER_ROOT), witness, NOW if witnessed else None)
    return json.dumps(root_document(held) | shown).encode("utf-8")


def test_a_ledger_is_complete_to_the_witnessed_root_and_what_follows_is_not_witnessed() -> None:
    complete = verify_against(LINES, [read_root_file(a_file(), KEYS)])
    assert (complete.entries, complete.stated.root.entries, complete.after) == (5, 3, 2)
    assert complete.stated.witnessed_at == NOW


@pytest.mark.parametrize(
    "key",
    [
        COORDINATOR_IDENTITY.public.fingerprint,
        COORDINATOR_IDENTITY.public.fingerprint.replace(" ", "").upper(),
        COORDINATOR_IDENTITY.public.raw.hex(),
    ],
)
def test_a_key_is_named_by_itself_or_by_its_fingerprint(key: str) -> None:
    assert read_root_file(a_file(), [key]).witnessed_at == NOW


def test_the_hospitals_own_word_is_told_apart_from_a_witness() -> None:
    own = [HOSPITAL.public.fingerprint]
    assert read_root_file(a_file(witnessed=False), own).witnessed_at is None
    assert read_root_file(a_file(), own).witnessed_at is None
    assert read_root_file(a_file(by=HOSPITAL), own).witnessed_at is None
    assert read_root_file(a_file(), own + KEYS).witnessed_at == NOW


@pytest.mark.parametrize("keys", [[], [SOMEBODY_ELSE.public.fingerprint], ["", "0000"]])
def test_a_root_that_no_trusted_key_sealed_proves_nothing(keys: list[str]) -> None:
    with pytest.raises(RootBroken) as broken:
        read_root_file(a_file(), keys)
    assert broken.value.fault is RootFault.UNTRUSTED


def test_what_stands_in_the_open_is_not_believed() -> None:
    assert read_root_file(a_file(entries=9, head_hash="00" * 32, day="1999-01-01"), KEYS).root == ROOT


def test_a_changed_file_or_a_witness_of_another_root_is_refused() -> None:
    for content in (b"", b"[]", b"{}", b'{"root":"!"}', a_file()[:-9], a_file(root="AAAA"), a_file(witness="AAAA")):
        with pytest.raises(RootBroken) as broken:
            read_root_file(content, KEYS)
        assert broken.value.fault is RootFault.UNREADABLE
    other = json.loads(a_file(ROOT.model_copy(update={"entries": 4})))["witness"]
    with pytest.raises(RootBroken) as broken:
        read_root_file(a_file(witness=other), KEYS)
    assert broken.value.fault is RootFault.OTHER_ROOT


def test_a_ledger_that_was_cut_or_written_anew_after_its_root_is_found_at_the_entry() -> None:
    stated = [read_root_file(a_file(), KEYS)]
    with pytest.raises(LedgerBroken) as cut:
        verify_against(LINES[:2], stated)
    assert (cut.value.number, cut.value.fault) == (3, LedgerFault.MISSING)
    anew, _ = a_ledger(5, name="cd")
    with pytest.raises(LedgerBroken) as rewritten:
        verify_against(anew, stated)
    assert (rewritten.value.number, rewritten.value.fault) == (3, LedgerFault.UNROOTED)
    with pytest.raises(LedgerBroken) as changed:
        verify_against([*LINES[:4], LINES[4].replace(b"ab", b"ba", 1)], stated)
    assert changed.value.number == 5


def test_two_roots_of_one_day_are_found_whoever_witnessed_them() -> None:
    two = ROOT.model_copy(update={"entries": 4, "head_hash": HASHES[4]})
    stated = [read_root_file(a_file(one), KEYS) for one in (ROOT, two)]
    with pytest.raises(RootBroken) as broken:
        verify_against(LINES, stated)
    assert (broken.value.fault, broken.value.day) == (RootFault.TWO_ROOTS, ROOT.day)


def test_of_several_roots_the_last_that_is_witnessed_says_how_far_the_ledger_is_complete() -> None:
    fields = {"day": ROOT.day + DAY, "entries": 4, "head_hash": HASHES[4], "previous_sha256": root_digest(ROOT)}
    later = ROOT.model_copy(update=fields)
    keys = [*KEYS, HOSPITAL.public.fingerprint]
    both = [read_root_file(a_file(), keys), read_root_file(a_file(later), keys)]
    assert verify_against(LINES, both).stated.root == later
    own = [both[0], read_root_file(a_file(later, witnessed=False), keys)]
    assert verify_against(LINES, own).stated.root == ROOT


def test_a_root_of_an_empty_ledger_holds_to_any_ledger() -> None:
    empty = a_ledger_root(entries=0, head_hash=GENESIS)
    assert verify_against([], [read_root_file(a_file(empty), KEYS)]).entries == 0
    assert verify_against(LINES, [read_root_file(a_file(empty), KEYS)]).after == 5
