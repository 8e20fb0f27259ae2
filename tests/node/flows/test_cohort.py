"""The cohort of a plan: frozen once, by count and digest, with nothing of the hospital's numbering in the export."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from factories import an_approval
from fakes.wall import Wall
from fakes.wall_cast import a_real_plan, a_sealed_offer, opened, some_rows

from node.flows.cohort_rows import rows_digest
from node.release.bounds import Terms
from node.release.refusals import CohortTooSmall, OutsideApproval
from node.training.samples import read_export
from protocols.approvals import Bounds
from protocols.plans import TrainingPlan


def terms(plan: TrainingPlan | None = None, *, max_cases: int = 100) -> Terms:
    bounds = Bounds(max_rounds=3, max_attempts_per_round=3, max_cases=max_cases)
    return Terms(opened(a_sealed_offer(plan or a_real_plan())), an_approval(bounds=bounds))


def test_the_export_holds_every_labelled_case_and_no_holdout_label(wall: Wall) -> None:
    frozen, path = wall.exports.of(terms())
    export = read_export(path)
    assert len(export.train) + len(export.validation) == frozen.cases == 30
    assert len(export.train) == frozen.training_cases
    assert len(export.holdout) == 20
    assert set(export.holdout.labels.tolist()) == {-1}


def test_no_patient_number_of_the_hospital_is_in_the_export(wall: Wall) -> None:
    wall.cases.held = [replace(row, patient_number=row.patient_number + 900_000) for row in some_rows()]
    _, path = wall.exports.of(terms())
    assert b"90000" not in (path / "index.json").read_bytes()
    assert max(entry["patient"] for entry in json.loads((path / "index.json").read_text())["cases"]) < 50


def test_what_was_frozen_does_not_change_with_later_labels(wall: Wall) -> None:
    first, path = wall.exports.of(terms())
    made_at = (path / "index.json").stat().st_mtime_ns
    wall.cases.held = some_rows(open_cases=40)
    again, _ = wall.exports.of(terms())
    assert again == first
    assert (path / "index.json").stat().st_mtime_ns == made_at


def test_an_interrupted_export_is_made_anew(wall: Wall, tmp_path: Path) -> None:
    left = tmp_path / "export" / a_real_plan().plan_id
    left.mkdir(parents=True)
    (left / "index.json").write_text("half")
    _, path = wall.exports.of(terms())
    assert len(read_export(path).holdout) == 20


def test_a_lost_export_is_made_anew_and_recorded_with_what_it_holds(wall: Wall) -> None:
    first, path = wall.exports.of(terms())
    path.chmod(0o700)
    for file in path.iterdir():
        file.unlink()
    path.rmdir()
    wall.cases.held = some_rows(open_cases=31)
    again, _ = wall.exports.of(terms())
    assert again.cases == 31
    assert again.rows_sha256 != first.rows_sha256


def test_too_few_and_too_many_cases_are_refused_before_anything_is_written(wall: Wall, tmp_path: Path) -> None:
    with pytest.raises(OutsideApproval):
        wall.exports.of(terms(max_cases=29))
    wall.cases.held = some_rows(open_cases=9)
    with pytest.raises(CohortTooSmall):
        wall.exports.of(terms())
    wall.cases.held = [replace(row, patient_number=1) for row in some_rows(holdout=0)]
    with pytest.raises(CohortTooSmall):
        wall.exports.of(terms())
    assert not (tmp_path / "export" / a_real_plan().plan_id).exists()


def test_a_frozen_cohort_larger_than_a_later_approval_is_refused(wall: Wall) -> None:
    wall.exports.of(terms())
    with pytest.raises(OutsideApproval):
        wall.exports.of(terms(max_cases=29))


def test_the_digest_follows_labels_films_and_parts_and_not_the_order() -> None:
    rows = some_rows()
    assert rows_digest(rows) == rows_digest(list(reversed(rows)))
    for changed in (
        replace(rows[0], label=1),
        replace(rows[0], image_ids=("another",)),
        replace(rows[0], holdout=True),
        replace(rows[0], case_id="x"),
    ):
        assert rows_digest([changed, *rows[1:]]) != rows_digest(rows)


def test_a_patient_excluded_meanwhile_is_taken_out_before_the_next_round_and_nobody_comes_in(wall: Wall) -> None:
    first, path = wall.exports.of(terms())
    before = read_export(path)
    out, held = before.train.case_ids[0], before.holdout.case_ids[0]
    wall.cases.held = some_rows(open_cases=40)
    wall.cases.excluded = {out, held}
    less, same_path = wall.exports.of(terms())
    after = read_export(same_path)
    assert after.train.case_ids == before.train.case_ids[1:]
    assert after.validation.case_ids == before.validation.case_ids
    assert after.holdout.case_ids == before.holdout.case_ids[1:]
    assert (after.train.pixels == before.train.pixels[1:]).all()
    assert (less.cases, less.training_cases) == (first.cases - 1, first.training_cases - 1)
    assert less.rows_sha256 != first.rows_sha256
    assert wall.exports.of(terms())[0] == less


def test_a_case_whose_project_no_longer_permits_the_partner_is_taken_out_before_the_next_round(wall: Wall) -> None:
    _, path = wall.exports.of(terms())
    out = read_export(path).train.case_ids[0]
    wall.cases.not_permitted = {out}
    less, same_path = wall.exports.of(terms())
    assert out not in read_export(same_path).train.case_ids
    assert wall.exports.of(terms())[0] == less


def test_an_export_that_nobody_asks_for_obeys_too_and_a_broken_one_is_left_to_be_made_anew(wall: Wall) -> None:
    _, path = wall.exports.of(terms())
    wall.cases.excluded = set(read_export(path).train.case_ids[:2])
    wall.exports.obey()
    assert wall.cases.excluded.isdisjoint(read_export(path).train.case_ids)
    (path / "index.json").chmod(0o600)
    (path / "index.json").write_text("half")
    wall.exports.obey()
    wall.exports.of(terms())
    assert wall.cases.excluded.isdisjoint(read_export(path).train.case_ids)


def test_too_few_left_after_an_exclusion_refuse_the_round(wall: Wall) -> None:
    _, path = wall.exports.of(terms())
    export = read_export(path)
    wall.cases.excluded = {*export.train.case_ids, *export.validation.case_ids[1:]}
    with pytest.raises(CohortTooSmall):
        wall.exports.of(terms())
    wall.cases.excluded |= {*export.validation.case_ids, *export.holdout.case_ids}
    with pytest.raises(CohortTooSmall):
        wall.exports.of(terms())
    assert not path.exists()
