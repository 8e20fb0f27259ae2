"""Reading on SQLite and on PostgreSQL: many at once, leases, holdout, the chain."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, NOW, Originals, admit, project, read_all, reader, said, viewer
from sqlalchemy import Engine, select, update

from node.flows import read
from node.flows.act import Act
from node.flows.destroy_readings import prove_readings
from node.flows.projects import Reference, open_project, progress, set_holdout
from node.labeling.assignment import LEASE, AssignmentState, DeclineReason
from node.labeling.draft import ChangeKind, folded
from node.labeling.errors import AssignmentUnknown, ChainBroken, DraftConflict, LeaseLapsed, ReadingExists
from node.readers.person import Person
from node.storage import ward_tables
from node.storage.engine import Database
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


def test_many_readers_at_once_never_read_a_case_twice_nor_too_often(engine: Engine) -> None:
    ward = WardStore(engine)
    readers = [reader(ward, f"reader {number}") for number in range(5)]
    project_id = project(engine, films=12, reads=2)
    tabs = [*readers, *readers]
    with ThreadPoolExecutor(len(tabs)) as pool:
        list(pool.map(lambda person: _read_with_rivals(ward, person), tabs))
    with ward.reading() as work:
        given = list(work.deals.of_project(project_id))
    per_case = Counter(one.case_id for one in given if one.state is AssignmentState.SUBMITTED)
    pairs = Counter((one.case_id, one.person_id) for one in given)
    assert set(per_case.values()) == {2}
    assert len(per_case) == 12
    assert set(pairs.values()) == {1}
    assert progress(ward, project_id).closed == 12
    assert prove_readings(ward).head.number == 24


def _read_with_rivals(ward: WardStore, person: Person) -> None:
    """Two windows of one person work on: what one window submitted is refused to the other."""
    while (sheet := read.next_case(ward, person, None, NOW)) is not None:
        try:
            read.submit(ward, viewer(person), sheet.assignment.assignment_id, said("present"), NOW)
        except ReadingExists:
            continue


def test_two_windows_of_one_reader_hold_the_same_case(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=5)
    with ThreadPoolExecutor(4) as pool:
        sheets = list(pool.map(lambda _: read.next_case(ward, person, None, NOW), range(4)))
    assert len({sheet.assignment.assignment_id for sheet in sheets if sheet}) == 1


def test_a_lease_that_ran_out_is_given_on_by_the_next_deal_and_the_draft_stays(engine: Engine) -> None:
    ward = WardStore(engine)
    late = reader(ward, "late")
    project_id = project(engine, films=1, reads=1)
    sheet = read.next_case(ward, late, None, NOW)
    assert sheet is not None
    assignment_id = sheet.assignment.assignment_id
    read.save_draft(ward, viewer(late), assignment_id, read.DraftEdit(0, '{"note":1}'), NOW)
    other = reader(ward, "other", Act(ACT.by, NOW + LEASE / 2))
    assert read.next_case(ward, other, None, NOW) is None
    open_project(ward, project_id, Act(ACT.by, NOW + LEASE))
    assert read_all(ward, other, lambda _: "absent", NOW + LEASE) == [sheet.assignment.case_id]
    with pytest.raises(LeaseLapsed):
        read.submit(ward, viewer(late), assignment_id, said("present"), NOW + LEASE)
    assert read.draft_of(ward, viewer(late), assignment_id).content == '{"note":1}'


def test_the_saved_draft_is_always_what_its_journal_folds_to(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=1)
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    assignment_id = sheet.assignment.assignment_id
    bodies = ['{"a":1}', '{"b":{"c":2}}', '{"a":null}', '{"b":{"d":[1,2]}}']
    for version, body in enumerate(bodies):
        edit = read.DraftEdit(version, body, ChangeKind.MERGE)
        saved = read.save_draft(ward, viewer(person), assignment_id, edit, NOW)
        assert read.save_draft(ward, viewer(person), assignment_id, edit, NOW + LEASE / 9) == saved
    journal = read.draft_changes(ward, viewer(person), assignment_id, 0)
    assert [entry.version for entry in journal] == [1, 2, 3, 4]
    assert read.draft_of(ward, viewer(person), assignment_id) == folded(journal)
    assert read.draft_changes(ward, viewer(person), assignment_id, 2) == journal[2:]
    read.submit(ward, viewer(person), assignment_id, said("present"), NOW)
    assert read.draft_changes(ward, viewer(person), assignment_id, 0) == []


def test_two_windows_that_save_at_once_never_overwrite_each_other(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=1)
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    assignment_id, who = sheet.assignment.assignment_id, viewer(person)

    def window(number: int) -> None:
        for step in range(5):
            edit = read.DraftEdit(0, f'{{"{number}-{step}":1}}', ChangeKind.MERGE)
            while True:
                try:
                    read.save_draft(ward, who, assignment_id, edit, NOW)
                    break
                except DraftConflict as newer:
                    edit = replace(edit, expected_version=newer.current)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(window, range(4)))
    assert len(json.loads(read.draft_of(ward, who, assignment_id).content)) == 20
    assert [one.version for one in read.draft_changes(ward, who, assignment_id, 0)] == list(range(1, 21))


def test_what_a_reader_does_renews_the_lease(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=1)
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    half = NOW + LEASE / 2
    read.save_draft(ward, viewer(person), sheet.assignment.assignment_id, read.DraftEdit(0, "{}"), half)
    again = read.next_case(ward, person, None, half)
    assert again is not None
    assert again.assignment.lease_until == half + LEASE


def test_a_declined_case_goes_to_another_reader_when_the_lead_deals_again(engine: Engine) -> None:
    ward = WardStore(engine)
    first, second = reader(ward, "first"), reader(ward, "second")
    project_id = project(engine, films=1, reads=1)
    held = {person.person_id: read.next_case(ward, person, None, NOW) for person in (first, second)}
    who = first if held[first.person_id] else second
    other = second if who is first else first
    sheet = held[who.person_id]
    assert sheet is not None
    read.decline(ward, viewer(who), sheet.assignment.assignment_id, DeclineReason.KNOWN_PATIENT, NOW)
    assert read.next_case(ward, other, None, NOW) is None
    open_project(ward, project_id, ACT)
    assert read.next_case(ward, other, None, NOW) is not None
    assert read.next_case(ward, who, None, NOW) is None


def test_a_place_not_yet_taken_is_not_told_to_its_reader(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project_id = project(engine, films=1)
    with ward.reading() as work:
        (place,) = work.deals.of_project(project_id)
    with pytest.raises(AssignmentUnknown):
        read.sheet(ward, viewer(person), place.assignment_id)
    with pytest.raises(AssignmentUnknown):
        read.draft_of(ward, viewer(person), place.assignment_id)


def test_holdout_cases_are_never_offered_and_leave_worklists_when_set_apart_later(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project_id = project(engine, films=4, reads=1)
    references = [Reference("1.2.1", "present"), Reference("1.2.2", "absent"), Reference("1.2.1000", "absent")]
    result = set_holdout(ward, Originals(), project_id, references, ACT)
    assert (result.matched, result.unmatched) == (2, 1)
    held_out = set(admit(engine, film(1), film(2)))
    offered = read_all(ward, person, lambda _: "present")
    assert len(offered) == 2
    assert not held_out & set(offered)
    assert progress(ward, project_id).holdout == 2


def test_a_reading_changed_in_the_database_breaks_the_chain(engine: Engine) -> None:
    ward = WardStore(engine)
    person = reader(ward, "one")
    project(engine, films=3, reads=1)
    read_all(ward, person, lambda _: "present")
    assert prove_readings(ward).head.number == 3
    with engine.begin() as connection:
        table = ward_tables.reading
        content = connection.scalar(select(table.c.content).where(table.c.chain_number == 2))
        assert content is not None
        changed = content.replace("present", "absent")
        connection.execute(update(table).where(table.c.chain_number == 2).values(content=changed))
    with pytest.raises(ChainBroken) as broken:
        prove_readings(ward)
    assert broken.value.number == 2
