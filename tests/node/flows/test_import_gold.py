"""A corrected file of an export becomes gold; a mistaken one changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hospital import Hospital, hospital_at, read_one

from node.deidentify.project_key import ProjectNames
from node.flows.import_gold import GOLD_IMPORTED, GoldFileRefused, GoldImported, import_gold
from node.flows.label_export import labels_of
from node.flows.project_export import NoSuchProject
from node.labeling.formats.exported import ExportedImage
from node.labeling.formats.fhir import write_fhir
from node.labeling.formats.tables import write_votes

NAMES = ProjectNames(bytes(range(32)))
IMAGE = ExportedImage("C/00001.dcm", "2.25.1", "2.25.2", "2.25.3", 4, 4, 1)


@pytest.fixture
def hospital(tmp_path: Path) -> Iterator[Hospital]:
    with hospital_at(tmp_path) as made:
        yield made


@pytest.fixture
def project(hospital: Hospital) -> str:
    return hospital.project(films=2, reads_per_case=1)


@pytest.fixture
def case_id(hospital: Hospital, project: str) -> str:
    return str(read_one(hospital.signed_in(hospital.reader("Kim"))))


def exported(hospital: Hospital, project: str, case_id: str, ending: str) -> bytes:
    labels = labels_of(hospital.ward, project, NAMES, {case_id: {"image": IMAGE}}, with_readings=False)
    return write_votes(labels) if ending == ".csv" else write_fhir(labels)


def gold(hospital: Hospital, project: str) -> dict[tuple[str, str], str]:
    with hospital.ward.reading() as work:
        return dict(work.fusions.gold(project))


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_what_an_export_says_was_agreed_is_gold_again(
    hospital: Hospital, project: str, case_id: str, ending: str
) -> None:
    file = (ending, exported(hospital, project, case_id, ending))
    assert import_gold(hospital.ward, NAMES, project, file, hospital.act()) == GoldImported(1, 0)
    assert gold(hospital, project) == {(case_id, "abnormal"): "present"}
    with hospital.ward.reading() as work:
        assert GOLD_IMPORTED in {one.action for one in work.audit.latest(20)}


def test_a_correction_counts_and_a_case_of_elsewhere_is_told(hospital: Hospital, project: str, case_id: str) -> None:
    corrected = exported(hospital, project, case_id, ".csv").replace(b",present,", b",absent,")
    elsewhere = b"C-ELSEWHERE,abnormal,present,1.000000,1,0\n"
    done = import_gold(hospital.ward, NAMES, project, (".csv", corrected + elsewhere), hospital.act())
    assert done == GoldImported(1, 1)
    assert gold(hospital, project) == {(case_id, "abnormal"): "absent"}


@pytest.mark.parametrize(
    ("ending", "change"),
    [
        (".csv", lambda raw: raw.replace(b"abnormal", b"unheard")),
        (".csv", lambda raw: raw.replace(b",present,", b",perhaps,")),
        (".csv", lambda raw: raw.replace(b"C-", b"D-")),
        (".csv", lambda raw: raw[: raw.index(b"\n") + 1]),
        (".csv", lambda _: b"\xff\xfe"),
        (".json", lambda _: b"[]"),
        (".json", lambda _: b'{"entry": [1]}'),
        (".json", lambda _: b"{"),
        (".dcm", lambda raw: raw),
    ],
)
def test_a_mistaken_file_is_refused_and_the_gold_stays(
    hospital: Hospital, project: str, case_id: str, ending: str, change: object
) -> None:
    assert callable(change)
    right = exported(hospital, project, case_id, ".csv")
    import_gold(hospital.ward, NAMES, project, (".csv", right), hospital.act())
    before = gold(hospital, project)
    with pytest.raises(GoldFileRefused):
        import_gold(hospital.ward, NAMES, project, (ending, change(right)), hospital.act())
    assert gold(hospital, project) == before


def test_an_unknown_project_is_refused(hospital: Hospital, project: str, case_id: str) -> None:
    right = exported(hospital, project, case_id, ".csv")
    with pytest.raises(NoSuchProject, match=project):
        import_gold(hospital.ward, NAMES, "elsewhere", (".csv", right), hospital.act())
