"""Cases of excluded patients, on SQLite and PostgreSQL: nobody is given, shown, or learns from one, until it ends."""

import pytest
from fakes.hospital import film
from fakes.ward_books import ACT, NOW, Originals, admit, project, read_all, reader, said, viewer
from sqlalchemy import Engine

from node.flows import read
from node.flows.concerns import Press, concerns, raise_concern
from node.flows.projects import Reference, add_cases, closed_cases, make_project, progress, set_holdout
from node.ground.ids import new_id
from node.labeling.blinding import Viewer
from node.labeling.cohort_row import CohortAsked
from node.labeling.concern import ConcernKind
from node.labeling.draft import EMPTY
from node.labeling.errors import AssignmentUnknown, ImageUnknown
from node.labeling.project import NewProject
from node.readers.roles import Role
from node.storage.engine import Database
from node.storage.ward_cohort import WardCohort
from node.storage.ward_exclusions import WardExclusions
from node.storage.ward_store import WardStore

DATABASE = Database.WARD


def cohort(engine: Engine) -> list[int]:
    found = WardCohort(engine).rows(CohortAsked("chest-film-abnormal", 1, "abnormal", ("DX",), 1, "anyone"))
    return [row.patient_number for row in found]


def test_a_case_of_an_excluded_patient_is_not_given_and_is_again_when_that_ends(engine: Engine) -> None:
    ward, out = WardStore(engine), WardExclusions(engine)
    person = reader(ward, "one")
    project(engine, films=3, reads=1)
    out.set_excluded({1, 2})
    assert [row.waiting for row in read.worklist(ward, viewer(person))] == [1]
    assert len(read_all(ward, person, lambda _: "present")) == 1
    out.set_excluded({2})
    assert len(read_all(ward, person, lambda _: "present")) == 1
    out.set_excluded(())
    assert len(read_all(ward, person, lambda _: "present")) == 1


def test_a_case_under_way_is_gone_from_the_readers_page_and_nothing_more_is_taken_of_it(engine: Engine) -> None:
    ward, out = WardStore(engine), WardExclusions(engine)
    person = reader(ward, "one")
    project(engine, films=1, reads=1)
    sheet = read.next_case(ward, person, None, NOW)
    assert sheet is not None
    given, who = sheet.assignment.assignment_id, viewer(person)
    out.set_excluded({1})
    assert read.next_case(ward, person, None, NOW) is None
    for act in (
        lambda: read.sheet(ward, who, given),
        lambda: read.draft_of(ward, who, given),
        lambda: read.save_draft(ward, who, given, read.DraftEdit(0, "{}"), NOW),
        lambda: read.submit(ward, who, given, said("present"), NOW),
    ):
        with pytest.raises(AssignmentUnknown):
            act()
    with pytest.raises(ImageUnknown):
        read.check_frame(ward, who, given, image_id=film(1).image_id, number=1)
    out.set_excluded(())
    assert read.draft_of(ward, who, given) == EMPTY
    assert read.submit(ward, who, given, said("present"), NOW)


def test_a_case_in_which_an_identity_was_seen_is_gone_for_everybody_whatever_becomes_of_the_patient(
    engine: Engine,
) -> None:
    ward, out = WardStore(engine), WardExclusions(engine)
    one, other = reader(ward, "one"), reader(ward, "other")
    lead = Viewer("lead", frozenset({Role.LEAD}))
    project_id = project(engine, films=2, reads=2)
    seen = read.next_case(ward, one, None, NOW)
    assert seen is not None
    press = Press(ConcernKind.IDENTITY_VISIBLE, new_id())
    raised = raise_concern(ward, viewer(one), seen.assignment.assignment_id, press, NOW)
    assert raised.case_id not in read_all(ward, other, lambda _: "present")
    assert len(read_all(ward, one, lambda _: "present")) == 1
    assert out.excluded_cases() == {raised.case_id}
    out.set_excluded({1, 2})
    out.set_excluded(())
    assert out.excluded_cases() == {raised.case_id}
    assert len(cohort(engine)) == len(closed_cases(ward, project_id, lead, after_case_id="", limit=9)) == 1
    assert [concern.kind for concern in concerns(ward, frozenset(ConcernKind))] == [ConcernKind.IDENTITY_VISIBLE]


def test_labels_of_an_excluded_patient_reach_no_cohort_and_no_figure(engine: Engine) -> None:
    ward, out = WardStore(engine), WardExclusions(engine)
    person, lead = reader(ward, "one"), Viewer("lead", frozenset({Role.LEAD}))
    project_id = project(engine, films=3, reads=1)
    read_all(ward, person, lambda _: "present")
    assert sorted(cohort(engine)) == [1, 2, 3]
    out.set_excluded({2})
    assert sorted(cohort(engine)) == [1, 3]
    assert len(closed_cases(ward, project_id, lead, after_case_id="", limit=9)) == 2
    told = progress(ward, project_id)
    assert (told.cases, told.readings, told.closed) == (2, 2, 2)
    (hidden,) = out.excluded_cases()
    assert hidden in admit(engine, film(2))


def test_a_new_project_and_a_holdout_pass_over_them(engine: Engine) -> None:
    ward, out = WardStore(engine), WardExclusions(engine)
    admit(engine, film(1), film(2))
    out.set_excluded({1})
    new = NewProject("title", "", "chest-film-abnormal", 1, 1)
    project_id = make_project(ward, new, ACT, project_id=new_id()).project_id
    assert add_cases(ward, project_id, ["DX"], ACT) == 1
    out.set_excluded({2})
    assert add_cases(ward, project_id, ["DX"], ACT) == 1
    held = set_holdout(ward, Originals(), project_id, [Reference("1.2.2", "present")], ACT)
    assert (held.matched, held.unmatched) == (0, 1)


def test_the_set_is_exactly_what_was_said_last(engine: Engine) -> None:
    out = WardExclusions(engine)
    admit(engine, film(1), film(2), film(3))
    for numbers in ({1, 2}, {2, 3}, {2, 3}, set()):
        out.set_excluded(numbers)
        assert len(out.excluded_cases()) == len(numbers)
