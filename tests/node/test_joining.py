"""`ledger verify`: what is wrong is named, with whose it is and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from node.flows.ledger_proof import LedgerProof
from node.ground.config import NodeConfig
from node.storage.engine import Database
from node.wiring.beginning import make_home
from node.wiring.joining import LedgerNotVerified, verify_ledger, verify_ledger_file


def test_a_ledger_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.ndjson"):
        with pytest.raises(LedgerNotVerified, match=str(path)):
            verify_ledger_file(path)


def test_a_broken_ledger_file_names_the_entry_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    path.write_text('{"entry":{},"hash":"00"}\n')
    with pytest.raises(LedgerNotVerified, match=r"ledger entry 1 .*keep a copy"):
        verify_ledger_file(path)


def test_a_node_that_sent_nothing_has_an_empty_ledger_that_holds_and_a_lost_entry_is_named(tmp_path: Path) -> None:
    place = make_home(tmp_path, NodeConfig(name="Example hospital"))
    assert verify_ledger(place) == LedgerProof(entries=0, here=0, emptied=0)
    with place.engine(Database.WALL).begin() as connection:
        connection.execute(text("UPDATE ledger_head SET number = 1"))
    with pytest.raises(LedgerNotVerified, match="the ledger of Example hospital: ledger entry 1"):
        verify_ledger(place)
