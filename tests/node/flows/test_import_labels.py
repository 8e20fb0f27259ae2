"""What an export says comes in again as it went, in every format; what does not fit is named, and nothing is taken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.hospital import Hospital, hospital_at
from fakes.label_files import (
    FORMATS,
    NAMES,
    SCHEMAS,
    abnormal,
    as_of,
    boxed,
    files_of,
    held,
    labels_of,
    painted,
    parts,
    project_of,
    said_again,
)

from node.edges.sandbox.label_files import EnclosedLabelFiles, answered, taken
from node.edges.sandbox.walls import SandboxLimits
from node.flows.import_gold import GOLD_IMPORTED
from node.flows.import_labels import (
    READINGS_IMPORTED,
    Imported,
    import_labels,
)
from node.flows.label_refusals import LabelsRefused, SourceRefused
from node.flows.outside_sources import outside_sources
from node.flows.project_export import NoSuchProject
from node.ground.texts import Language
from node.labeling.formats.exported import (
    ExportedAnswer,
    ExportedVote,
    ProjectLabels,
)
from node.labeling.formats.incoming import read_labels
from node.labeling.formats.incoming_file import FileFault, FileRefused, IncomingFile
from node.labeling.outside import GOLD_SOURCE
from node.labeling.schema_shelf import schema_of
from protocols.labels import Abstention, LabelSchema


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as made:
        yield made


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("kind", FORMATS)
def test_what_an_export_says_comes_in_and_goes_out_again_as_it_was(hospital: Hospital, schema: str, kind: str) -> None:
    project_id = project_of(hospital, schema)
    labels = labels_of(hospital, project_id, SCHEMAS[schema])
    files, expected = files_of(labels, kind), held(labels, kind)
    if not expected:
        with pytest.raises(LabelsRefused):
            import_labels(parts(hospital), project_id, files, "team-b", hospital.act())
        return
    done = import_labels(parts(hospital), project_id, files, "team-b", hospital.act())
    assert done == Imported(2, sum(map(len, expected.values())), 0)
    assert said_again(hospital, project_id, "team-b") == as_of(hospital, project_id, "team-b", expected)
    (source,) = outside_sources(hospital.ward, project_id)
    assert (source.source, source.cases, source.readings) == ("team-b", 2, done.readings)
    with hospital.ward.reading() as work:
        assert READINGS_IMPORTED in {one.action for one in work.audit.latest(5)}


def test_what_a_source_said_before_is_replaced_and_another_source_stays(hospital: Hospital) -> None:
    project_id = project_of(hospital, "generic-box")
    labels = labels_of(hospital, project_id, boxed)
    for source in ("team-b", "team-c"):
        import_labels(parts(hospital), project_id, files_of(labels, "readings.csv"), source, hospital.act())
    fewer = replace(labels, cases=labels.cases[:1])
    import_labels(parts(hospital), project_id, files_of(fewer, "readings.csv"), "team-b", hospital.act())
    told = {one.source: one.readings for one in outside_sources(hospital.ward, project_id)}
    assert told == {"team-b": 2, "team-c": 4}


def test_gold_is_what_is_voted_on_and_shapes_that_are_true(hospital: Hospital) -> None:
    project_id = project_of(hospital, "chest-film-abnormal")
    one = alone(labels_of(hospital, project_id, abnormal))
    done = import_labels(parts(hospital), project_id, files_of(one, "readings.csv"), None, hospital.act())
    assert done == Imported(2, 0, 2)
    with hospital.ward.reading() as work:
        assert set(work.fusions.gold(project_id).values()) == {"present"}
        assert GOLD_IMPORTED in {event.action for event in work.audit.latest(5)}


@pytest.mark.parametrize("kind", ["coco.json", "seg", "nii"])
def test_shapes_of_one_reader_a_case_are_kept_as_true(hospital: Hospital, kind: str) -> None:
    project_id = project_of(hospital, "generic-mask")
    one = alone(labels_of(hospital, project_id, painted))
    assert import_labels(parts(hospital), project_id, files_of(one, kind), None, hospital.act()) == Imported(2, 2, 0)
    assert said_again(hospital, project_id, GOLD_SOURCE) == as_of(hospital, project_id, GOLD_SOURCE, held(one, kind))


def test_gold_in_two_batches_is_all_of_it_and_the_later_word_stands(hospital: Hospital) -> None:
    project_id = project_of(hospital, "generic-mask")
    both = alone(labels_of(hospital, project_id, painted))
    for case in both.cases:
        batch = replace(both, cases=(case,))
        import_labels(parts(hospital), project_id, files_of(batch, "readings.csv"), None, hospital.act())
    assert said_again(hospital, project_id, GOLD_SOURCE).keys() == {case.case for case in both.cases}
    first, second = (replace(one, readings=(one.readings[0],)) for one in both.cases)
    absent = replace(first.readings[0], answers=(ExportedAnswer("masks", abstention=Abstention.ABSENT),))
    later = replace(both, cases=(replace(first, readings=(absent,)), second))
    import_labels(parts(hospital), project_id, files_of(later, "readings.csv"), None, hospital.act())
    assert said_again(hospital, project_id, GOLD_SOURCE).keys() == {second.case}


def test_known_answers_in_two_batches_are_all_of_them(hospital: Hospital) -> None:
    project_id = project_of(hospital, "chest-film-abnormal")
    both = alone(labels_of(hospital, project_id, abnormal))
    for case in both.cases:
        batch = replace(both, cases=(case,))
        import_labels(parts(hospital), project_id, files_of(batch, "readings.csv"), None, hospital.act())
    with hospital.ward.reading() as work:
        assert len(work.fusions.gold(project_id)) == 2


@pytest.mark.parametrize("kind", ["labels.csv", "fhir.json", "sr"])
def test_what_was_agreed_comes_in_as_gold(hospital: Hospital, kind: str) -> None:
    project_id = project_of(hospital, "chest-film-abnormal")
    labels = labels_of(hospital, project_id, abnormal)
    votes = (ExportedVote("abnormal", "absent", 0.9, 2, 0),)
    agreed = replace(labels, cases=tuple(replace(case, readings=(), votes=votes) for case in labels.cases))
    assert import_labels(parts(hospital), project_id, files_of(agreed, kind), None, hospital.act()).gold == 2
    with hospital.ward.reading() as work:
        assert set(work.fusions.gold(project_id).values()) == {"absent"}


def alone(labels: ProjectLabels) -> ProjectLabels:
    return replace(labels, cases=tuple(replace(one, readings=one.readings[:1]) for one in labels.cases))


def refused(hospital: Hospital, project_id: str, files: list[IncomingFile], source: str | None = "team-b") -> str:
    with pytest.raises(LabelsRefused) as told:
        import_labels(parts(hospital), project_id, files, source, hospital.act())
    with hospital.ward.reading() as work:
        assert work.outside.sources(project_id) == []
        assert work.fusions.gold(project_id) == {}
    assert told.value.public_text(Language.KO) != str(told.value)
    assert "{" not in str(told.value) + told.value.public_text(Language.KO)
    return str(told.value)


def changed(files: list[IncomingFile], old: bytes, new: bytes) -> list[IncomingFile]:
    assert any(old in one.contents for one in files)
    return [replace(one, contents=one.contents.replace(old, new)) for one in files]


def test_a_refusal_names_the_file_and_the_place_and_takes_nothing(hospital: Hospital) -> None:
    project_id = project_of(hospital, "generic-box")
    labels = labels_of(hospital, project_id, boxed)
    table, marks = files_of(labels, "readings.csv"), files_of(labels, "coco.json")
    lines = table[0].contents.splitlines(keepends=True)
    broken = [replace(table[0], contents=b"".join([*lines[:2], lines[2].replace(b"absent", b"perhaps"), *lines[3:]]))]
    assert "readings.csv, line 3" in refused(hospital, project_id, broken)
    assert "coco.json, annotation 1" in refused(
        hospital, project_id, changed(marks, b'"shape":"box"', b'"shape":"disc"')
    )
    assert "File notes.txt" in refused(hospital, project_id, [IncomingFile("notes.txt", b"hello")])
    assert "File coco.json" in refused(hospital, project_id, [*table, *marks])
    assert "File a.dcm" in refused(hospital, project_id, [IncomingFile("a.dcm", b"DICM" * 100)])
    assert "File a.nii.gz" in refused(hospital, project_id, [IncomingFile("a.nii.gz", b"")])
    assert "File coco.json: this was given twice" in refused(hospital, project_id, [*marks, *marks])
    again = replace(marks[0], name="again/coco.json")
    assert "two readings" in refused(hospital, project_id, [*marks, again])


def test_a_refusal_names_case_reader_and_question(hospital: Hospital) -> None:
    project_id = project_of(hospital, "generic-box")
    labels = labels_of(hospital, project_id, boxed)
    table = files_of(labels, "readings.csv")
    case = labels.cases[0]
    about = f"Case {case.case}, reader R-A, question boxes"
    outside = changed(table, b"3.25", b"30.25")
    assert about in refused(hospital, project_id, outside)
    elsewhere = changed(table, case.images[0].instance_uid.encode(), b"1.2.3")
    assert f"{about}: the case has no such image" in refused(hospital, project_id, elsewhere)
    other = b"C-ABCDEFGHIJKLMNOP"
    assert f"Case {other.decode()}" in refused(hospital, project_id, changed(table, case.case.encode(), other))
    named = refused(hospital, project_id, changed(table, case.case.encode(), b"Hong\x1b[2J"))
    assert "A case that is not called as an export calls cases: the project has no such case" in named
    asked = refused(hospital, project_id, changed(table, b"boxes", b"gildong"))
    assert "question 1: the schema does not ask this" in asked
    assert not [word for word in ("Hong", "\x1b", "gildong") if word in named + asked]
    unnamed = refused(hospital, project_id, changed(table, b"R-A", b"Hong Gil-dong"))
    assert "by a code" in unnamed
    assert "Hong" not in unnamed
    assert "m1, m2" in refused(hospital, project_id, changed(table, b",m1,", b",hong,"))
    for wrong in (b"Hong Gil-dong", b"1" * 65, b"1.02.3", b"1.2."):
        tracked = refused(hospital, project_id, changed(table, NAMES.uid("thing").encode(), wrong))
        assert "tracking UID" in tracked
        assert "Hong" not in tracked
    assert "several readings" in refused(hospital, project_id, table, source=None)


def test_a_source_has_a_code_and_an_unknown_project_lists_all(hospital: Hospital) -> None:
    project_id = project_of(hospital, "generic-box")
    files = files_of(labels_of(hospital, project_id, boxed), "readings.csv")
    for wrong in ("", "Dr. Hong", GOLD_SOURCE, "x" * 21):
        with pytest.raises(SourceRefused):
            import_labels(parts(hospital), project_id, files, wrong, hospital.act())
    with pytest.raises(NoSuchProject):
        import_labels(parts(hospital), "elsewhere", files, "team-b", hospital.act())


@pytest.mark.parametrize("kind", ["seg", "sr", "nii"])
def test_files_are_read_behind_walls_as_without_them(hospital: Hospital, kind: str) -> None:
    project_id = project_of(hospital, "generic-mask", films=1)
    labels = labels_of(hospital, project_id, painted)
    cases = {image.instance_uid: case.case for case in labels.cases for image in case.images}
    files = files_of(labels, kind)
    expected = read_labels(files, cases, labels.schema)
    assert EnclosedLabelFiles().read(files, cases, labels.schema) == expected


def test_a_refusal_comes_through_the_walls_and_a_child_that_ends_is_one() -> None:
    schema = schema_of("generic-mask", 1)
    with pytest.raises(FileRefused) as told:
        EnclosedLabelFiles().read([IncomingFile("a.dcm", b"\0" * 200)], {}, schema)
    assert (told.value.file, told.value.fault) == ("a.dcm", FileFault.UNKNOWN_KIND)
    with pytest.raises(FileRefused) as much:
        EnclosedLabelFiles(answer_bytes=10).read([IncomingFile("a.csv", b"case\n")], {}, schema)
    assert much.value.fault is FileFault.TOO_LARGE
    starved = SandboxLimits(address_space_bytes=2**20, processor_seconds=1, wall_seconds=300.0)
    with pytest.raises(FileRefused) as ended:
        EnclosedLabelFiles(starved).read([IncomingFile("a.csv", b"case\n" * 100_000)], {}, schema)
    assert ended.value.fault is FileFault.TOO_LARGE
    assert "fault" in answered(b'{"schema": %s, "cases": {}, "files": []}' % _quoted(schema))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b'{"votes": "x", "readings": 7}',
        b'{"votes": "case", "readings": ""}',
        b'{"file": "a.csv", "fault": "hong", "place": null}',
        b'{"file": "a.csv", "fault": "not-readable", "place": ["line", "Hong"]}',
        b'{"file": "Hong", "fault": "not-readable", "place": null}',
    ],
)
def test_a_child_that_was_taken_over_says_nothing_of_its_own(answer: bytes) -> None:
    said = taken(answer, ["a.csv", "b.csv"])
    assert isinstance(said, FileRefused)
    assert (said.file, said.fault, said.place) == ("a.csv", FileFault.NOT_READABLE, None)


def _quoted(schema: LabelSchema) -> bytes:
    return json.dumps(schema.model_dump_json()).encode()
