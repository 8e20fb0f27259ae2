"""An export as other programs meet it: a running node, two readers, and dcmtk's programs on every DICOM object."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e.node_process import NodeProcess, Signed
from e2e.one_image import node_with_one_image
from programs import needed
from pydicom import dcmread
from waiting import patient

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
HOSPITAL_NUMBER, STUDY, SIDE = "H-00733", "1.2.410.99.8", 16
BOX = {"shape": "box", "upper_left": [1.5, 2], "lower_right": [9.25, 12]}
MASK = {"shape": "mask", "rows": SIDE, "columns": SIDE, "runs": [20, 5, 11, 5, SIDE * SIDE - 41]}

Readers = tuple[Signed, Signed]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    needed(("dcmdump", "dcmtk"), ("dsrdump", "dcmtk"))
    home = tmp_path_factory.mktemp("formats") / "home"
    with node_with_one_image(home, "내보내기 시험 병원", patient_id=HOSPITAL_NUMBER, study=STUDY) as node:
        yield node


@pytest.fixture(scope="module")
def readers(node: NodeProcess) -> Iterator[Readers]:
    """The node's only readers, so that each case of each project is theirs to read."""
    codes = [node.add_person(f"reader {number}", "reader") for number in (1, 2)]
    with Signed(node.address, codes[0]) as one, Signed(node.address, codes[1]) as other:
        yield one, other


def _exported(node: NodeProcess, readers: Readers, schema: str, shape: dict[str, Any], folder: Path) -> Path:
    """The export of a project of this schema, whose one case two readers have read: one drew, one found nothing."""
    with Signed(node.address, node.add_person(f"{schema} lead", "lead")) as person:
        new = {"title": schema, "schema_code": schema, "schema_version": 1, "reads_per_case": 2}
        project = person.json("POST", "/api/projects", new)["project_id"]
        person.json("POST", f"/api/projects/{project}/cases", {"modalities": ["CR"]})
        person.json("POST", f"/api/projects/{project}/open")
    question = "masks" if schema == "generic-mask" else "boxes"
    for reader, drew in zip(readers, (True, False), strict=True):
        case = reader.json("POST", "/api/assignments", {"project_id": project})
        image = case["images"][0]["image_id"]
        said = {"marks": [{"mark": "m", "image_id": image, "shape": shape}]} if drew else {"abstention": "absent"}
        reading = {"answers": [{"question": question, **said}], "seconds_active": 5}
        reader.json("POST", f"/api/assignments/{case['assignment_id']}/reading", reading)
    told = node.command("export", project, str(folder), "--readings")
    assert (told["cases"], told["images"]) == (1, 1)
    return folder


def test_dcmtk_reads_every_object_of_an_export(node: NodeProcess, readers: Readers, tmp_path: Path) -> None:
    masks = _exported(node, readers, "generic-mask", MASK, tmp_path / "masks")
    boxes = _exported(node, readers, "generic-box", BOX, tmp_path / "boxes")
    objects = sorted(path for folder in (masks, boxes) for path in folder.rglob("*-*.dcm"))
    assert [path.name for path in objects if "masks" in path.parts] == [
        "seg-00001.dcm",
        "seg-00002.dcm",
        "sr-00001.dcm",
    ]
    for path in objects:
        told = subprocess.run(
            ["dcmdump", "-q", path], capture_output=True, text=True, check=True, timeout=patient(60)
        ).stdout
        assert HOSPITAL_NUMBER not in told
        assert STUDY not in told
        (image,) = path.parent.glob("00001.dcm")
        assert str(dcmread(image).StudyInstanceUID) in told
        if path.name.startswith("sr-"):
            report = subprocess.run(["dsrdump", path], capture_output=True, text=True, check=True, timeout=patient(60))
            assert "Imaging Measurement Report" in report.stdout
            assert "absent" in report.stdout
    volumes = sorted(path.name for path in masks.rglob("masks-*"))
    assert volumes == ["masks-00001.json", "masks-00001.nii.gz", "masks-00002.json", "masks-00002.nii.gz"]
    coco = json.loads((boxes / "coco.json").read_text())
    assert [one["bbox"] for one in coco["annotations"]] == [[1.5, 2.0, 7.75, 10.0]]
