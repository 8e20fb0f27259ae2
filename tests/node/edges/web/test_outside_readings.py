"""A lead sees whose readings came in from outside."""

from fakes.hospital import Hospital

from node.labeling.outside import OutsideReading
from node.labeling.reading import Answer
from node.readers.roles import Role


def test_a_lead_sees_sources_and_numbers(hospital: Hospital) -> None:
    project_id = hospital.project(films=2)
    path = f"/api/projects/{project_id}/outside-readings"
    lead = hospital.signed_in(hospital.person("책임자", Role.LEAD))
    assert lead.get(path).json() == {"sources": []}
    with hospital.ward.writing() as work:
        answers = (Answer(question="abnormal", option="present"),)
        cases = sorted(work.project_cases.case_ids(project_id))
        readings = [OutsideReading("team-b", "R-1", case_id, answers) for case_id in cases]
        work.outside.set(project_id, "team-b", readings, hospital.act().event("x", f"project:{project_id}"))
    (told,) = lead.get(path).json()["sources"]
    told.pop("imported_at")
    assert told == {"source": "team-b", "readers": 1, "cases": 2, "readings": 2}
    unknown = "00000000-0000-4000-8000-000000000000"
    assert lead.get(f"/api/projects/{unknown}/outside-readings").status_code == 404
