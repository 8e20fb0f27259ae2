"""`intramuros node labels`: files of several cases, as an export wrote them, are told apart and bounded together."""

import os
from pathlib import Path

import pytest
from fakes.hospital import hospital_at
from fakes.label_files import files_of, labels_of, painted, parts, project_of

from node.edges.sandbox.label_files import MOST_BYTES
from node.flows.import_labels import Imported, import_labels
from node.flows.label_refusals import LabelsRefused
from node.wiring.label_commands import incoming_files


def test_volumes_of_several_cases_are_read_each_with_its_own_list(tmp_path: Path) -> None:
    with hospital_at(tmp_path) as hospital:
        project_id = project_of(hospital, "generic-mask")
        labels = labels_of(hospital, project_id, painted)
        written = []
        for one in files_of(labels, "nii"):
            path = tmp_path / "export" / one.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(one.contents)
            written.append(path)
        assert len({path.name for path in written}) < len(written)
        done = import_labels(parts(hospital), project_id, incoming_files(written), "team-b", hospital.act())
    assert done == Imported(2, 4, 0)


def test_a_file_is_named_without_folders_where_one_folder_holds_all(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_bytes(b"x")
    assert [one.name for one in incoming_files([tmp_path / "a.csv", tmp_path / "b.csv"])] == ["a.csv", "b.csv"]


def test_files_that_are_too_large_together_are_not_read(tmp_path: Path) -> None:
    large = tmp_path / "coco.json"
    large.touch()
    os.truncate(large, MOST_BYTES + 1)
    with pytest.raises(LabelsRefused) as refused:
        incoming_files([large])
    assert "too large" in str(refused.value)
