"""What must hold after a run, or there is no result: no assignment lost or doubled, nothing acknowledged lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.crowd_320.hospital import READS_PER_CASE
from benchmarks.crowd_320.reader import Reader
from sqlalchemy import Engine, Row, select

from node.labeling.assignment import AssignmentState
from node.labeling.chain import verify_chain
from node.storage.ward_store import WardStore
from node.storage.ward_tables import assignment, reading


def check_whole(engine: Engine, readers: Sequence[Reader]) -> None:
    """Return when the database holds what was acknowledged and nothing else. Raises: AssertionError."""
    with engine.connect() as connection:
        places = {row.assignment_id: row for row in connection.execute(select(assignment))}
        kept = {row.reading_id: row for row in connection.execute(select(reading))}
    _nothing_doubled(readers)
    for reader in readers:
        _as_acknowledged(reader, places)
    acknowledged = [reading_id for reader in readers for reading_id in reader.readings]
    assert set(acknowledged) == set(kept), "readings were lost, or came from nowhere"
    assert len(acknowledged) == len(kept)
    per_case = Counter((row.project_id, row.case_id) for row in kept.values())
    assert max(per_case.values()) <= READS_PER_CASE, "a case was read more often than it needs"
    with WardStore(engine).reading() as work:
        assert verify_chain(work.chain.chain()).head.number == len(kept)
    _strokes_kept(engine, readers)


def _nothing_doubled(readers: Sequence[Reader]) -> None:
    """Nobody was given the same case or assignment twice, and no two readers the same assignment."""
    taken = [assignment_id for reader in readers for assignment_id, _ in reader.taken]
    assert len(set(taken)) == len(taken), "an assignment was given twice"
    for reader in readers:
        cases = [case_id for _, case_id in reader.taken]
        assert len(set(cases)) == len(cases), "a reader was given a case twice"


def _as_acknowledged(reader: Reader, places: Mapping[str, Row[Any]]) -> None:
    owners = {places[assignment_id].person_id for assignment_id, _ in reader.taken}
    assert len(owners) <= 1, "an assignment is another reader's in the database"
    for assignment_id, _ in reader.taken:
        if assignment_id == reader.held:
            wanted = AssignmentState.HELD
        else:
            wanted = AssignmentState.DECLINED if assignment_id in reader.declined else AssignmentState.SUBMITTED
        state = places[assignment_id].state
        assert state == wanted.value, f"an assignment is {state} in place of {wanted.value}"


def _strokes_kept(engine: Engine, readers: Sequence[Reader]) -> None:
    """Of every case still held, the draft is the one that was acknowledged last."""
    with WardStore(engine).reading() as work:
        for reader in readers:
            for assignment_id, saved in reader.saved.items():
                found = work.journal.find(assignment_id, saved.change_set_id)
                assert work.drafts.of(assignment_id).version == saved.version, "a stroke was lost"
                assert found is not None, "a change set was lost"
