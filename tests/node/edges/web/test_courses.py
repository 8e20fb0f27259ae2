"""A trainer writes and opens a course, a labeler learns and is examined, and nobody else sees how it went."""

import json
from typing import Any

import pytest
from fakes.hospital import Hospital, read_one
from fakes.teaching import CODE, TASK, course_words, gold_project, labeler, opened, truth_of_image
from starlette.testclient import TestClient

from node.flows.deal_out import deal_out_certified
from node.readers.roles import Role

COURSE = f"/api/courses/{CODE}"
AUTHORING = f"/api/authoring/courses/{CODE}"


@pytest.fixture
def trainer(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("교육자", Role.TRAINER))


def learn(browser: TestClient) -> None:
    """Everything in the modules is answered."""
    for item in ("bad", "good"):
        assert browser.post(f"{COURSE}/items/{item}/showing").status_code == 200
    for item, option in (("first", "no"), ("bad", "absent"), ("good", "absent")):
        assert browser.post(f"{COURSE}/items/{item}/answer", json={"option": option}).status_code == 200


def examined(browser: TestClient, *, right: int = 5) -> dict[str, Any]:
    """The result of an exam in which so many answers are right."""
    sheet = browser.post(f"{COURSE}/exam").json()
    path = f"/api/exams/{sheet['attempt_id']}"
    for place, question in enumerate(sheet["questions"]):
        known = truth_of_image(question["images"][0]["image_id"]) if question["images"] else "yes"
        wrong = {"present": "absent", "absent": "present", "yes": "no"}[known]
        body = {"option": known if place < right else wrong}
        assert browser.put(f"{path}/items/{question['number']}", json=body).status_code == 204
    result: dict[str, Any] = browser.post(f"{path}/handing-in").json()
    return result


def test_a_trainer_writes_a_course_takes_gold_and_opens_it(hospital: Hospital, trainer: TestClient) -> None:
    project_id = gold_project(hospital)
    shipped = trainer.get("/api/authoring/courses").json()["courses"]
    assert [(one["code"], one["draft_version"], one["open"]) for one in shipped] == [("chest-film", 0, None)]
    written = trainer.put("/api/authoring/courses", json=course_words()).json()
    assert (written["draft_version"], [need["met"] for need in written["needs"]]) == (1, [False, False])
    refused = trainer.post(f"{AUTHORING}/opening", json={})
    missing = {"voted": "abnormal", "known": "absent", "practice": 1, "exam": 2}
    assert (refused.status_code, refused.json()["code"]) == (409, "course-not-ready")
    assert missing in refused.json()["missing"]
    (source,) = trainer.get(f"{AUTHORING}/gold").json()["projects"]
    assert source == {"project_id": project_id, "title": "흉부", "cases": 12}
    taken = trainer.post(f"{AUTHORING}/gold", json={"project_id": project_id}).json()
    assert all(need["met"] for need in taken["needs"])
    done = trainer.post(f"{AUTHORING}/opening", json={}).json()
    assert (done["open_version"], done["draft"]) == (1, None)
    assert done["open"] == trainer.get(AUTHORING).json()["open"]
    reader = hospital.signed_in(labeler(hospital))
    assert [one["code"] for one in reader.get("/api/courses").json()["courses"]] == [CODE]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"task": "no-such-task"}, "course-refused"),
        ({"task": "generic-box"}, "course-refused"),
        ({"modules": []}, "request-refused"),
        ({"script": "<b>"}, "request-refused"),
    ],
)
def test_a_course_that_cannot_be_meant_so_is_refused(trainer: TestClient, change: dict[str, Any], code: str) -> None:
    answer = trainer.put("/api/authoring/courses", json=course_words() | change)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_what_is_right_is_told_after_the_own_answer_and_the_first_answer_stays(hospital: Hospital) -> None:
    opened(hospital, gold_project(hospital))
    browser = hospital.signed_in(labeler(hospital))
    before = browser.get(COURSE).text
    assert not any(word in before for word in ("why", "왜", "present", '"right"'))
    shown = browser.post(f"{COURSE}/items/bad/showing")
    assert "known" not in shown.text
    assert shown.json() == browser.post(f"{COURSE}/items/bad/showing").json()
    image = shown.json()["images"][0]["image_id"]
    frame = f"/api/showings/{shown.json()['showing_id']}/images/{image}/frames"
    assert browser.get(f"{frame}/1/preview.png").headers["content-type"] == "image/png"
    assert browser.get(f"{frame}/2/preview.png").status_code == 404
    assert browser.post(f"{COURSE}/items/good/answer", json={"option": "absent"}).status_code == 404
    assert browser.post(f"{COURSE}/items/bad/answer", json={"option": "yes"}).json()["code"] == "course-answer-refused"
    told = browser.post(f"{COURSE}/items/bad/answer", json={"option": "absent"}).json()
    assert (told["said"], told["right"], told["explanation"]["en"]) == ("absent", "present", "why bad")
    assert browser.post(f"{COURSE}/items/bad/answer", json={"option": "present"}).json()["said"] == "absent"
    assert "why bad" in browser.get(COURSE).text


def test_an_exam_is_begun_after_the_modules_and_tells_nothing_while_it_runs(hospital: Hospital) -> None:
    opened(hospital, gold_project(hospital))
    browser = hospital.signed_in(labeler(hospital))
    refused = browser.post(f"{COURSE}/exam").json()
    assert (refused["code"], refused["why"]) == ("exam-not-open", "modules")
    learn(browser)
    sheet = browser.post(f"{COURSE}/exam")
    path = f"/api/exams/{sheet.json()['attempt_id']}"
    answers = [browser.put(f"{path}/items/1", json={"option": option}) for option in options(sheet.json())]
    assert {(one.status_code, one.text) for one in answers} == {(204, "")}
    while_it_runs = [browser.post(f"{COURSE}/exam"), browser.get(path)]
    assert not any(word in one.text for one in while_it_runs for word in ("known", "why last", "right", "passed"))
    assert browser.get(f"{path}/result").json()["code"] == "exam-runs"
    assert browser.get("/api/exams/own").json() == {"results": [], "looks": []}
    assert browser.put(f"{path}/items/9", json={"option": "yes"}).status_code == 404
    assert browser.put(f"{path}/items/1", json={"option": "maybe"}).json()["code"] == "course-answer-refused"


def options(sheet: dict[str, Any]) -> list[str]:
    return [option["code"] for option in sheet["questions"][0]["asked"]["options"]]


def test_passing_opens_the_task_and_the_result_has_intervals(hospital: Hospital) -> None:
    opened(hospital, gold_project(hospital, films=14, labelers=True), probation_days=10)
    browser = hospital.signed_in(labeler(hospital))
    browser.put("/api/pledge", json={"version": 1})
    learn(browser)
    assert read_one(browser) is None
    result = examined(browser, right=4)
    assert (result["passed"], result["overall"]["right"], result["overall"]["of"]) == (True, 4, 5)
    assert result["overall"]["low"] < 0.8 < result["overall"]["high"]
    assert {one["known"] for one in result["by_known"]} == {"present", "absent"}
    assert read_one(browser) is None, "cases follow with the next deal, never with the verdict"
    deal_out_certified(hospital.ward, hospital.clock.now(), hospital.act())
    assert read_one(browser) is not None
    (held,) = browser.get("/api/certificates/own").json()["certificates"]
    assert (held["task"], held["course"], held["last_day"]) == (TASK, CODE, held["probation_until"])
    assert browser.get(f"/api/certificates/own/{TASK}/file").status_code == 200
    assert browser.post(f"{COURSE}/exam").json()["why"] == "not-due"


def test_failing_opens_nothing(hospital: Hospital) -> None:
    opened(hospital, gold_project(hospital, labelers=True))
    browser = hospital.signed_in(labeler(hospital))
    browser.put("/api/pledge", json={"version": 1})
    learn(browser)
    assert examined(browser, right=3)["passed"] is False
    assert read_one(browser) is None
    assert browser.get("/api/certificates/own").json() == {"certificates": []}
    assert browser.post(f"{COURSE}/exam").json()["why"] == "too-early"


def test_a_specialist_who_passes_needs_no_certificate(hospital: Hospital) -> None:
    project_id = gold_project(hospital)
    opened(hospital, project_id)
    browser = hospital.signed_in(hospital.reader("김영상", verified=False))
    learn(browser)
    assert examined(browser)["passed"] is True
    assert browser.get("/api/courses").json()["courses"][0]["certificate_until"] is None


def test_nobody_but_a_trainer_sees_how_somebody_did_and_the_person_is_told_of_each_look(
    hospital: Hospital, trainer: TestClient
) -> None:
    opened(hospital, gold_project(hospital), probation_days=10)
    person, other = labeler(hospital), labeler(hospital, "다른 작업자")
    browser, stranger = hospital.signed_in(person), hospital.signed_in(other)
    learn(browser)
    result = examined(browser)
    path = f"/api/exams/{result['attempt_id']}"
    for method, of in (("GET", path), ("GET", f"{path}/result"), ("POST", f"{path}/handing-in")):
        assert stranger.request(method, of).status_code == 404
    assert stranger.get("/api/exams/own").json() == {"results": [], "looks": []}
    (row,) = trainer.get("/api/authoring/examined").json()["people"]
    assert row == {"person_id": person.person_id, "name": "작업자", "attempts": 1}
    assert browser.get("/api/exams/own").json()["looks"] == []
    seen = trainer.post(f"/api/authoring/examined/{person.person_id}/results").json()
    assert (seen["name"], seen["results"], seen["certificates"][0]["task"]) == ("작업자", [result], TASK)
    assert len(browser.get("/api/exams/own").json()["looks"]) == 1
    auditor = hospital.signed_in(hospital.person("감사", Role.AUDITOR))
    trail = json.dumps(auditor.get("/api/audit").json())
    assert ("exam.results-seen" in trail, "passed" in trail, "failed" in trail) == (True, False, False)
    confirmed = f"/api/labelers/{person.person_id}/certificates/{TASK}/confirmation"
    assert trainer.post(confirmed).status_code == 204
    assert trainer.post(confirmed).json()["code"] == "certificate-refused"
    (held,) = browser.get("/api/certificates/own").json()["certificates"]
    assert held["last_day"] == held["valid_until"]
