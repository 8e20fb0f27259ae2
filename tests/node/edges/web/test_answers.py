"""What every answer carries, what a refusal says, how much may be sent, and what the log keeps to itself."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from fakes.hospital import Hospital, saying
from structlog.testing import CapturingLogger

import node
from node.deidentify.findings import DecodedFrame
from node.edges.web.access import RULES
from node.edges.web.problems import PROBLEMS, respond_to
from node.ground.errors import NodeError
from node.ground.logs import configure_logs, scrub
from node.ground.texts import Language, table
from node.readers.roles import Role
from node.wiring.web import write_api_document

OPENAPI = Path(node.__file__).parent / "web" / "openapi.json"


@pytest.fixture
def lines() -> Iterator[CapturingLogger]:
    """What this process logs, after the scrubber."""
    captured = CapturingLogger()
    configure_logs("test")
    structlog.configure(processors=[scrub, structlog.processors.JSONRenderer()], cache_logger_on_first_use=False)
    structlog.configure(logger_factory=lambda *_: captured)
    yield captured
    structlog.contextvars.clear_contextvars()


def test_every_answer_carries_the_safety_headers(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    for path in ("/api/health", "/api/worklist", "/api/people", "/api/nothing", "/", "/nothing"):
        headers = browser.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == ("no-store" if path.startswith("/api/") else "no-cache")
        assert "server" not in headers


def test_a_refusal_is_a_problem_document_in_both_languages(hospital: Hospital) -> None:
    answer = hospital.browser().get("/api/people")
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["status"], problem["code"]) == ("/problems/not-signed-in", 401, "not-signed-in")
    assert problem["title"].startswith("You are not signed in")
    assert re.search("[가-힣]", problem["title_ko"])
    assert problem["retry"] in {"never", "later", "after-change"}


def test_every_problem_has_its_text_in_both_languages_and_no_text_is_left_over() -> None:
    keys = {language: {key for key in table(language) if key.startswith("web.problem_")} for language in Language}
    assert keys[Language.EN] == keys[Language.KO]
    used = {f"web.problem_{problem.code.replace('-', '_')}" for problem in PROBLEMS.values()}
    assert used <= keys[Language.EN]


def test_an_error_nobody_listed_tells_nothing_about_itself() -> None:
    class Secret(NodeError):
        pass

    response = respond_to(Secret("환자 홍길동"))
    assert response.status_code == 500
    assert "홍길동" not in bytes(response.body).decode()


def test_an_error_inside_is_a_problem_and_leaves_no_text_in_answer_or_log(
    hospital: Hospital, lines: CapturingLogger, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_self: object, _image_id: str, _number: int) -> DecodedFrame:
        raise RuntimeError("patient 홍길동")

    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    sheet = browser.post("/api/assignments", json={}).json()
    monkeypatch.setattr(type(hospital.app.state.parts.frames), "frame", broken)
    path = f"/api/assignments/{sheet['assignment_id']}/images/{sheet['images'][0]['image_id']}/frames/1"
    answer = browser.get(path)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    said = repr(lines.calls)
    assert "RuntimeError" in said
    assert "홍길동" not in said + answer.text


def test_a_wrong_body_is_refused_by_field_and_its_values_are_not_repeated(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.person("전산팀", Role.IT))
    answer = browser.post("/api/people", json={"name": "홍길동\n", "roles": ["reader"], "ssn": "900101-1234567"})
    assert answer.status_code == 422
    assert {field["field"] for field in answer.json()["fields"]} == {"ssn"}
    assert "900101" not in answer.text
    assert "홍길동" not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 422, "request-refused"),
        (b"[]", "application/json", 422, "request-refused"),
        (b"\xff\xfe", "application/json", 422, "request-refused"),
        (b"project_id=1", "application/x-www-form-urlencoded", 415, "not-json"),
        (b"{}", "text/plain", 415, "not-json"),
        (b" " * 70_000, "application/json", 413, "body-too-large"),
    ],
)
def test_what_is_no_small_json_is_refused(
    hospital: Hospital, content: bytes, kind: str, status: int, code: str
) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    answer = browser.post("/api/assignments", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_draft_has_its_bound(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    hospital.project(films=1)
    assignment_id = browser.post("/api/assignments", json={}).json()["assignment_id"]
    for size, status in ((1_000_000, 200), (1_060_000, 413), (1_400_000, 413)):
        version = browser.get(f"/api/assignments/{assignment_id}/draft").headers["etag"]
        body = {"content": {"strokes": "x" * size}}
        answer = browser.put(f"/api/assignments/{assignment_id}/draft", json=body, headers={"If-Match": version})
        assert answer.status_code == status, size


def test_a_body_sent_in_pieces_without_a_length_is_bounded_too(hospital: Hospital) -> None:
    browser = hospital.signed_in(hospital.reader("김영상"))
    pieces = (b" " * 10_000 for _ in range(10))
    assert (
        browser.post("/api/assignments", content=pieces, headers={"Content-Type": "application/json"}).status_code
        == 413
    )


def test_a_stranger_is_refused_before_the_body_is_looked_at(hospital: Hospital) -> None:
    answer = hospital.browser().post(
        "/api/people", content=b"{" * 100_000, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 401


def test_log_lines_name_routes_and_never_people_answers_or_secrets(hospital: Hospital, lines: CapturingLogger) -> None:
    person = hospital.reader("김영상")
    code = hospital.code(person)
    browser = hospital.browser()
    csrf = browser.post("/api/session", json={"code": code}).json()["csrf"]
    browser.headers["X-Intramuros-CSRF"] = csrf
    hospital.project(films=1)
    sheet = browser.post("/api/assignments", json={}).json()
    browser.post(f"/api/assignments/{sheet['assignment_id']}/reading", json=saying("present"))
    browser.post("/api/session", json={"person": "홍길동", "password": "비밀번호가 여기에"})
    browser.get("/api/nothing/홍길동?name=홍길동")
    said = "\n".join(str(call.args) for call in lines.calls)
    assert '"route": "/api/assignments/{assignment_id}/reading"' in said
    secrets = [cookie.value or "" for cookie in browser.cookies.jar]
    for hidden in ("김영상", "홍길동", "비밀번호", "present", code, csrf, sheet["assignment_id"], *secrets):
        assert hidden not in said
        assert json.dumps(hidden)[1:-1] not in said


def test_the_openapi_file_is_the_one_the_routes_make(tmp_path: Path) -> None:
    """Drift: `python -m node openapi node/web/openapi.json` writes the file anew."""
    write_api_document(tmp_path / "openapi.json")
    written = (tmp_path / "openapi.json").read_text(encoding="utf-8")
    assert OPENAPI.read_text(encoding="utf-8") == written
    paths = json.loads(written)["paths"]
    assert {(method.upper(), path) for path, methods in paths.items() for method in methods} == set(RULES)


def test_the_document_itself_and_its_pages_are_not_served(hospital: Hospital) -> None:
    for path in ("/openapi.json", "/docs", "/redoc", "/api/openapi.json"):
        assert hospital.browser().get(path).status_code == 404


def test_health_says_nothing_but_that_the_node_is_up(hospital: Hospital) -> None:
    assert hospital.browser().get("/api/health").json() == {"status": "up"}
