"""What a reader's page needs beside pixels: planes of the own case, and the key of the own unsaved work."""

import base64
import json
from collections.abc import Sequence
from typing import Any

import pytest
from fakes.hospital import Hospital, film
from fakes.ward import PlainFrames
from pydantic import ValidationError

from node.edges.web.plane_views import RegionBody
from node.flows.planes import FramePlace, Images, statistics_of
from node.labeling.blinding import Viewer
from node.readers.roles import Role


def test_a_reader_gets_the_planes_of_the_own_case_and_of_no_other(hospital: Hospital) -> None:
    mine, other = (hospital.signed_in(hospital.reader(name)) for name in ("하나", "둘"))
    hospital.project(films=1)
    sheet = mine.post("/api/assignments", json={}).json()
    path = f"/api/assignments/{sheet['assignment_id']}/planes"
    assert mine.get(path).json() == {
        "planes": [
            {
                "image_id": sheet["images"][0]["image_id"],
                "spacing_mm": [0.5, 0.25],
                "spacing_at": "patient",
                "right": "",
                "bottom": "",
                "windows": [],
                "slope": 1.0,
                "intercept": 0.0,
                "position": None,
            }
        ]
    }
    assert other.get(path).status_code == 404


def test_the_key_of_unsaved_work_is_the_persons_own_and_the_same_at_every_sign_in(hospital: Hospital) -> None:
    reader, other = hospital.reader("하나"), hospital.reader("둘")
    keys = [hospital.signed_in(one).get("/api/session/stroke-key").json()["key"] for one in (reader, reader, other)]
    assert keys[0] == keys[1] != keys[2]
    assert {len(base64.b64decode(key)) for key in keys} == {32}
    it = hospital.signed_in(hospital.person("전산", Role.IT))
    assert it.get("/api/session/stroke-key").status_code == 403


def test_a_reader_gets_the_statistics_of_a_shape_on_the_own_case_and_of_no_other(hospital: Hospital) -> None:
    mine, other = (hospital.signed_in(hospital.reader(name)) for name in ("하나", "둘"))
    hospital.project(films=1)
    sheet = mine.post("/api/assignments", json={}).json()
    image = sheet["images"][0]["image_id"]
    path = f"/api/assignments/{sheet['assignment_id']}/images/{image}/frames/1/statistics"
    body = {"shape": {"shape": "box", "upper_left": [0, 0], "lower_right": [4, 1]}}
    found = mine.post(path, json=body)
    assert found.status_code == 200, found.text
    values = [256, 770, 1284, 1798]
    assert found.json() == {
        "pixels": 4,
        "area_mm2": 0.5,
        "at_detector": False,
        "mean": sum(values) / 4,
        "deviation": found.json()["deviation"],
        "least": 256.0,
        "most": 1798.0,
        "unit": "",
    }
    assert abs(found.json()["deviation"] - (sum((one - 1027) ** 2 for one in values) / 4) ** 0.5) < 1e-6
    assert other.post(path, json=body).status_code == 404
    assert mine.post(path.replace("frames/1", "frames/9"), json=body).status_code == 404
    assert mine.post(path, json={"shape": {"shape": "box"}}).status_code == 422
    assert mine.post(path, json={"shape": FAR["contour"]}).status_code == 422


FAR: dict[str, dict[str, Any]] = {
    "contour": {"shape": "contour", "points": [[-1e308, 0], [1e308, 4], [0, 1e308]]},
    "box": {"shape": "box", "upper_left": [0, 0], "lower_right": [0, 1_000_001]},
    "ellipse": {"shape": "ellipse", "centre": [-1e300, 0], "half_axes": [2, 2]},
}


@pytest.mark.parametrize("shape", FAR)
def test_a_point_that_no_image_reaches_is_no_region(shape: str) -> None:
    with pytest.raises(ValidationError):
        RegionBody.model_validate_json(json.dumps({"shape": FAR[shape]}))


class EnhancedHeaders:
    """Every image has a slope of its own for each frame: ten times the frame's number."""

    def headers(self, image_ids: Sequence[str]) -> dict[str, bytes]:
        slopes = [{"00289145": {"Value": [{"00281053": {"Value": [10 * number]}}]}} for number in (1, 2)]
        return dict.fromkeys(image_ids, json.dumps({"52009230": {"Value": slopes}}).encode())


def test_statistics_of_an_enhanced_image_are_rescaled_by_the_frame_at_hand(hospital: Hospital) -> None:
    reader = hospital.reader("하나")
    hospital.admit(film(1, frames=2))
    hospital.project()
    sheet = hospital.signed_in(reader).post("/api/assignments", json={}).json()
    viewer = Viewer(reader.person_id, reader.roles)
    shape = RegionBody.model_validate_json('{"shape":{"shape":"box","upper_left":[0,0],"lower_right":[2,1]}}').shape
    means = []
    for number in (1, 2):
        place = FramePlace(sheet["assignment_id"], sheet["images"][0]["image_id"], number)
        means.append(statistics_of(hospital.ward, Images(PlainFrames(), EnhancedHeaders()), viewer, place, shape).mean)
    assert means == [5130.0, 10260.0]
