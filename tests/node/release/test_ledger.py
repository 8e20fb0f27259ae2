"""The ledger's chain and its export: what holds, and how a change is named."""

import hashlib
import json
from datetime import timedelta

import pytest
from factories import NOW, PLAN, RUN
from hypothesis import given, settings
from hypothesis import strategies as st

from node.release.ledger import (
    EMPTY,
    Head,
    entry_text,
    export_line,
    head_after,
    next_entry,
    verify_export,
    verify_stored,
)
from node.release.outbox import Origin, Parcel
from protocols.receipts import Channel, LedgerBroken


def a_ledger(entries: int = 5) -> list[tuple[str, str]]:
    head, rows = EMPTY, []
    for number in range(entries):
        parcel = Parcel(
            sealed=b"sealed %d" % number,
            message_kind="model-update",
            channel=Channel.FLEET,
            origin=Origin(PLAN, RUN, number + 1, 1, None),
            released_at=NOW + timedelta(seconds=number),
            update_sha256=hashlib.sha256(b"%d" % number).hexdigest(),
            update_norm=0.5 + number / 7,
            update_histogram=tuple(range(number, number + 10)) if number % 2 else None,  # as before an upgrade, too
        )
        entry = next_entry(head, parcel)
        head = head_after(entry)
        rows.append((entry_text(entry), head.hash))
    return rows


LEDGER = a_ledger()
LINES = [export_line(text, stored).encode() for text, stored in LEDGER]
FILE = b"".join(LINES)


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def broken_at(content: bytes) -> int:
    with pytest.raises(LedgerBroken) as broken:
        verify_export(lines_of(content))
    return broken.value.number


def test_a_whole_ledger_holds() -> None:
    assert verify_stored(LEDGER) == 5
    assert verify_export(lines_of(FILE)) == 5
    assert verify_export([]) == 0


@given(st.integers(0, len(FILE) - 1), st.integers(1, 255))
@settings(max_examples=400)
def test_one_changed_byte_anywhere_is_found_and_its_entry_named(place: int, change: int) -> None:
    changed = bytearray(FILE)
    changed[place] ^= change
    entry = FILE[:place].count(b"\n") + 1
    assert broken_at(bytes(changed)) == entry


def test_a_missing_entry_is_named() -> None:
    assert broken_at(b"".join(LINES[:2] + LINES[3:])) == 3


def test_exchanged_entries_are_named() -> None:
    assert broken_at(b"".join([LINES[0], LINES[2], LINES[1], *LINES[3:]])) == 2


def test_an_entry_forged_with_a_fitting_hash_breaks_the_next_link() -> None:
    stored = json.loads(LEDGER[1][0])
    stored["sent_bytes"] = 1
    text = json.dumps(stored, sort_keys=True, separators=(",", ":"))
    forged = hashlib.sha256(b"intramuros/ledger/1" + text.encode()).hexdigest()
    with pytest.raises(LedgerBroken) as broken:
        verify_stored([LEDGER[0], (text, forged), *LEDGER[2:]])
    assert broken.value.number == 3


def test_entries_cut_off_at_the_end_are_missed_against_the_head() -> None:
    head = Head(5, LEDGER[-1][1])
    assert verify_stored(LEDGER, head) == 5
    with pytest.raises(LedgerBroken) as broken:
        verify_stored(LEDGER[:3], head)
    assert broken.value.number == 4


@pytest.mark.parametrize(
    "line", [b"\n", b"[]\n", b'{"entry":{}}\n', b'{"entry":{},"hash":1}\n', b"\xff\n", b'{"entry":1,"hash":"00"}\n']
)
def test_a_line_that_is_no_entry_is_named(line: bytes) -> None:
    assert broken_at(LINES[0] + line) == 2
