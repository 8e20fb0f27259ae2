"""Signing in: codes, passwords, cookies, guessing."""

import pytest
from fakes.hospital import Hospital
from httpx import Response
from starlette.testclient import TestClient

from node.readers.roles import Role
from node.readers.throttle import FREE_PER_ADDRESS, FREE_PER_PERSON

LONG = "열두 글자보다 긴 비밀번호"


def with_password(hospital: Hospital, name: str = "김영상") -> TestClient:
    browser = hospital.signed_in(hospital.reader(name))
    assert browser.put("/api/session/password", json={"new": LONG}).status_code == 204
    return browser


def sign_in(browser: TestClient, name: str, password: str) -> int:
    answer: Response = browser.post("/api/session", json={"person": name, "password": password})
    return answer.status_code


def test_a_code_opens_a_session_once(hospital: Hospital) -> None:
    person = hospital.reader("김영상")
    code = hospital.code(person)
    first = hospital.browser().post("/api/session", json={"code": code})
    assert first.json()["person"] == {
        "person_id": person.person_id,
        "display_name": "김영상",
        "roles": ["reader"],
        "language": "ko",
    }
    again = hospital.browser().post("/api/session", json={"code": code})
    assert (again.status_code, again.json()["code"]) == (401, "sign-in-refused")


def test_a_code_expires_and_a_new_one_replaces_it(hospital: Hospital) -> None:
    person = hospital.reader("김영상")
    old, new = hospital.code(person), hospital.code(person)
    assert hospital.browser().post("/api/session", json={"code": old}).status_code == 401
    hospital.clock.forward(hours=24)
    assert hospital.browser().post("/api/session", json={"code": new}).status_code == 401


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(hospital: Hospital) -> None:
    answer = hospital.browser().post("/api/session", json={"code": hospital.code(hospital.reader("김영상"))})
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_a_planted_session_is_not_adopted(hospital: Hospital) -> None:
    """Session fixation: whatever the browser came with, signing in gives a new secret and ends the old session."""
    victim, attacker = hospital.reader("김영상"), hospital.reader("이침입")
    planted = hospital.signed_in(attacker)
    secret = planted.cookies["intramuros_session"]
    browser = hospital.browser()
    browser.cookies.set("intramuros_session", secret)
    browser.post("/api/session", json={"code": hospital.code(victim)})
    assert secret not in [cookie.value for cookie in browser.cookies.jar if cookie.domain]
    assert planted.get("/api/session").status_code == 401
    made_up = hospital.browser()
    made_up.cookies.set("intramuros_session", "a" * 43)
    assert made_up.get("/api/session").status_code == 401


def test_a_session_ends_with_sign_out_and_with_time(hospital: Hospital) -> None:
    person = hospital.reader("김영상")
    one, other = hospital.signed_in(person), hospital.signed_in(person)
    assert one.delete("/api/session").status_code == 204
    assert one.get("/api/session").status_code == 401
    assert other.get("/api/session").status_code == 200
    hospital.clock.forward(hours=8)
    assert other.get("/api/session").status_code == 401


def test_a_page_loaded_anew_gets_its_token_again(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    assert browser.get("/api/session").json()["csrf"] == browser.headers["X-Intramuros-CSRF"]


def test_there_is_no_password_until_its_owner_sets_one(hospital: Hospital) -> None:
    hospital.reader("김영상")
    for guess in ("김영상", "intramuros", "admin", "nobody's password"):
        assert sign_in(hospital.browser(), "김영상", guess) == 401


def test_name_and_password_open_a_session_and_a_new_password_ends_the_others(hospital: Hospital) -> None:
    first = with_password(hospital)
    second = hospital.browser()
    assert sign_in(second, " 김영상 ", LONG) == 200
    assert first.get("/api/session").status_code == 200
    assert first.put("/api/session/password", json={"new": LONG + "!"}).status_code == 204
    assert second.get("/api/session").status_code == 401
    assert sign_in(hospital.browser(), "김영상", LONG) == 401
    assert sign_in(hospital.browser(), "김영상", LONG + "!") == 200


def test_a_session_opened_with_a_password_must_say_it_again_to_change_it(hospital: Hospital) -> None:
    with_password(hospital)
    browser = hospital.browser()
    answer = browser.post("/api/session", json={"person": "김영상", "password": LONG})
    browser.headers["X-Intramuros-CSRF"] = answer.json()["csrf"]
    for current in (None, "wrong"):
        asked = browser.put("/api/session/password", json={"new": LONG + "?", "current": current})
        assert asked.status_code == 401
    assert browser.put("/api/session/password", json={"new": LONG + "?", "current": LONG}).status_code == 204


@pytest.mark.parametrize("weak", ["short", "aaaaaaaaaaaaaaaaaaaa"])
def test_a_weak_password_is_refused_in_words(hospital: Hospital, weak: str) -> None:
    answer = hospital.signed_in(hospital.reader("김영상")).put("/api/session/password", json={"new": weak})
    assert (answer.status_code, answer.json()["code"]) == (422, "password-too-weak")
    assert "12" in answer.json()["title_ko"]


def test_guessing_a_password_is_slowed_down_and_the_right_one_too_until_the_pause_is_over(hospital: Hospital) -> None:
    with_password(hospital)
    browser = hospital.browser()
    for _ in range(FREE_PER_PERSON):
        assert sign_in(browser, "김영상", "wrong") == 401
    throttled = browser.post("/api/session", json={"person": "김영상", "password": LONG})
    assert (throttled.status_code, throttled.json()["code"]) == (429, "sign-in-throttled")
    assert throttled.headers["retry-after"] == "1"
    hospital.clock.forward(seconds=1)
    assert sign_in(browser, "김영상", LONG) == 200


def test_guessing_codes_is_slowed_down_by_address(hospital: Hospital) -> None:
    browser = hospital.browser()
    statuses = {browser.post("/api/session", json={"code": f"guess-{n}"}).status_code for n in range(FREE_PER_ADDRESS)}
    assert statuses == {401}
    assert browser.post("/api/session", json={"code": "guess"}).status_code == 429


def test_an_unknown_name_is_answered_and_slowed_down_like_a_known_one(hospital: Hospital) -> None:
    with_password(hospital)
    answers = []
    for name in ("김영상", "아무도아님"):
        browser = hospital.browser()
        tries = [
            browser.post("/api/session", json={"person": name, "password": "wrong"}) for _ in range(FREE_PER_PERSON + 1)
        ]
        answers.append([(one.status_code, one.json()) for one in tries])
    assert answers[0] == answers[1]


def test_refused_attempts_are_in_the_audit_trail_without_the_name_that_was_typed(hospital: Hospital) -> None:
    sign_in(hospital.browser(), "홍길동", "wrong")
    events = hospital.signed_in(hospital.person("감사", Role.AUDITOR)).get("/api/audit").json()["events"]
    refused = [event for event in events if event["action"] == "sign-in.refused"]
    assert [event["subject"] for event in refused] == ["person:unknown"]
    assert "홍길동" not in str(events)


def test_someone_no_longer_active_cannot_sign_in(hospital: Hospital) -> None:
    reader = hospital.reader("김영상")
    code = hospital.code(reader)
    it = hospital.signed_in(hospital.person("전산팀", Role.IT))
    it.put(f"/api/people/{reader.person_id}/standing", json={"active": False})
    assert hospital.browser().post("/api/session", json={"code": code}).status_code == 401


def test_the_language_chosen_is_remembered(hospital: Hospital) -> None:
    person = hospital.reader("김영상")
    assert hospital.signed_in(person).put("/api/session/language", json={"language": "en"}).status_code == 204
    assert hospital.signed_in(person).get("/api/session").json()["person"]["language"] == "en"


@pytest.mark.parametrize(
    "body", [{}, {"code": ""}, {"code": "x" * 65}, {"person": "a"}, {"code": "a", "person": "b", "password": "c"}]
)
def test_half_a_sign_in_is_refused(hospital: Hospital, body: dict[str, str]) -> None:
    assert hospital.browser().post("/api/session", json=body).status_code == 422
