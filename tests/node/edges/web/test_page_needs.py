"""What a reader's page needs beside pixels: planes of the own case, and the key of the own unsaved work."""

import base64

from fakes.hospital import Hospital

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
