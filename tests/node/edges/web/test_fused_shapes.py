"""A lead sees what was fused of closed cases: numbers, never who."""

from fakes.hospital import Hospital, film

from node.flows.fuse_shapes import fuse_due_shapes
from node.flows.projects import add_cases, make_project, open_project
from node.ground.ids import new_id
from node.labeling.project import NewProject
from node.readers.roles import Role

BOX = {"shape": "box", "upper_left": [0, 0], "lower_right": [2, 3]}


def test_a_lead_sees_shapes_with_how_many_drew_them_and_no_name(hospital: Hospital) -> None:
    hospital.admit(film(1))
    new = NewProject("boxes", "", "generic-box", 1, 2)
    project_id = make_project(hospital.ward, new, hospital.act(), project_id=new_id()).project_id
    add_cases(hospital.ward, project_id, ["DX"], hospital.act())
    people = [hospital.reader(name) for name in ("김", "이")]
    open_project(hospital.ward, project_id, hospital.act())
    path = f"/api/projects/{project_id}/shapes"
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    assert lead.get(path).json() == {"cases": [], "next_after": None}
    for person, drew in zip(people, (True, False), strict=True):
        browser = hospital.signed_in(person)
        given = browser.post("/api/assignments", json={}).json()
        image = given["images"][0]["image_id"]
        said = {"marks": [{"mark": "m", "image_id": image, "shape": BOX}]} if drew else {"abstention": "absent"}
        reading = {"answers": [{"question": "boxes", **said}], "seconds_active": 1.0}
        assert browser.post(f"/api/assignments/{given['assignment_id']}/reading", json=reading).status_code == 201
    (waiting,) = lead.get(path).json()["cases"]
    assert (waiting["fused"], waiting["shapes"]) == (False, [])
    fuse_due_shapes(hospital.ward, hospital.act())
    answer = lead.get(path)
    (case,) = answer.json()["cases"]
    (shape,) = case["shapes"]
    assert (case["fused"], case["doubts"], shape["stands"], shape["drawn"], shape["not_drawn"]) == (
        True,
        [],
        False,
        1,
        1,
    )
    assert not any(person.person_id in answer.text for person in people)
    assert lead.get(f"{path}?after={case['case_id']}").json()["cases"] == []
