"""Every route has a rule, and every route answers every role as the table says."""

from itertools import product
from uuid import UUID

import pytest
from fakes.hospital import Hospital
from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response
from starlette.testclient import TestClient

from node.edges.web.access import RULES, Rule, Who, methods_of, rule_of
from node.readers.roles import Role

UNKNOWN = str(UUID(int=7, version=4))
CHANGING = ("POST", "PUT", "DELETE")


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    """Every method and path the application answers, as FastAPI itself documents them."""
    document = app.openapi()
    return {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}


def address(template: str) -> str:
    things = "person project assignment image application request token case statement attempt showing site"
    for name in things.split():
        template = template.replace(f"{{{name}_id}}", UNKNOWN)
    for name in ("study_uid", "series_uid", "instance_uid"):
        template = template.replace(f"{{{name}}}", "2.25.7")
    template = template.replace("{month}", "2026-03").replace("{code}", "chest-film").replace("{item}", "what-is-white")
    template = template.replace("{frames}", "1").replace("{task}", "chest-film-abnormal").replace("{path}", "7FE00010")
    return template.replace("{number}", "1").replace("{offer_sha256}", "0" * 64)


def ask(browser: TestClient, method: str, template: str) -> int:
    body: dict[str, str] | None = {} if method in {"POST", "PUT"} else None
    answer: Response = browser.request(method, address(template), json=body)
    return answer.status_code


def test_every_route_has_a_rule_and_every_rule_a_route(hospital: Hospital) -> None:
    assert routes_of(hospital.app) == set(RULES)


def test_no_route_is_hidden_from_the_document(hospital: Hospital) -> None:
    hidden = [
        route.path for route in hospital.app.routes if isinstance(route, APIRoute) and not route.include_in_schema
    ]
    assert hidden == []


def test_every_rule_is_found_under_its_own_address() -> None:
    for (method, template), rule in RULES.items():
        assert rule_of(method, address(template)) == (template, rule)


def test_nobody_signed_in_gets_401_everywhere_but_on_public_routes(hospital: Hospital) -> None:
    browser = hospital.browser()
    for (method, template), rule in RULES.items():
        status = ask(browser, method, template)
        assert (status == 401) == (rule.who is not Who.PUBLIC), (method, template, status)


@pytest.mark.parametrize("role", sorted(Role))
def test_every_role_gets_as_far_as_the_table_says(hospital: Hospital, role: Role) -> None:
    browser = hospital.signed_in(hospital.person(f"someone {role.value}", role))
    for (method, template), rule in RULES.items():
        if (method, template) in {("DELETE", "/api/session"), ("POST", "/api/session")}:
            continue
        status = ask(browser, method, template)
        assert status != 401, (method, template)
        assert (status == 403) == (not rule.allows(frozenset({role}))), (method, template, role, status)
        assert status < 500, (method, template, status)


def test_a_role_taken_away_is_gone_with_the_next_request(hospital: Hospital) -> None:
    it = hospital.person("전산팀", Role.IT)
    reader = hospital.reader("판독의")
    browser = hospital.signed_in(reader)
    assert browser.get("/api/worklist").status_code == 200
    hospital.signed_in(it).put(f"/api/people/{reader.person_id}/standing", json={"active": False})
    assert browser.get("/api/worklist").status_code == 401


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        (Role.LEAD, "GET", "/api/projects/{}"),
        (Role.LEAD, "POST", "/api/projects/{}/open"),
        (Role.LEAD, "GET", "/api/projects/{}/progress"),
        (Role.LEAD, "GET", "/api/projects/{}/consensus"),
        (Role.IT, "POST", "/api/people/{}/login-code"),
        (Role.READER, "GET", "/api/assignments/{}"),
        (Role.READER, "GET", "/api/assignments/{}/draft"),
    ],
)
@pytest.mark.parametrize("identifier", [UNKNOWN, "not-an-id", "%2e%2e", "1' OR '1'='1"])
def test_an_unknown_identifier_is_not_found(
    hospital: Hospital, role: Role, method: str, path: str, identifier: str
) -> None:
    browser = hospital.signed_in(hospital.person("someone", role))
    assert browser.request(method, path.format(identifier)).status_code == 404


@pytest.mark.parametrize(
    "path", ["/api/secret", "/api/", "/api/session/", "/api//people", "/api/people/%2e%2e/people", "/api/docs"]
)
def test_an_address_without_a_rule_does_not_exist_even_for_it(hospital: Hospital, path: str) -> None:
    browser = hospital.signed_in(hospital.person("전산팀", Role.IT))
    assert browser.get(path).status_code in {404, 405}


def test_the_wrong_method_is_told_the_right_ones(hospital: Hospital) -> None:
    answer = hospital.browser().request("PATCH", "/api/session")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "DELETE, GET, POST"
    assert methods_of("/api/nowhere") == []


@pytest.mark.parametrize(("method", "token"), list(product(CHANGING, [None, "wrong"])))
def test_a_change_without_the_token_of_the_page_is_refused(hospital: Hospital, method: str, token: str | None) -> None:
    browser = hospital.signed_in(hospital.person("전산팀", Role.IT))
    del browser.headers["X-Intramuros-CSRF"]
    if token is not None:
        browser.headers["X-Intramuros-CSRF"] = token
    path = {"POST": "/api/people", "PUT": "/api/session/language", "DELETE": "/api/session"}[method]
    answer = browser.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf-missing")


def test_who_reads_blind_never_sees_every_image_whatever_else_they_are(hospital: Hospital) -> None:
    both = hospital.signed_in(hospital.person("이중 역할", Role.READER, Role.STEWARD))
    steward = hospital.signed_in(hospital.person("관리 책임자", Role.STEWARD))
    paths = [(method, template) for (method, template) in RULES if template.startswith("/api/dicomweb/")]
    assert len(paths) == 19
    for method, template in paths:
        assert ask(both, method, template) == 403, template
        assert ask(steward, method, template) != 403, template


def test_a_rule_without_roles_allows_everyone_who_is_signed_in() -> None:
    assert Rule(Who.SIGNED_IN).allows(frozenset())
    assert not Rule(frozenset({Role.IT})).allows(frozenset({Role.LEAD}))
