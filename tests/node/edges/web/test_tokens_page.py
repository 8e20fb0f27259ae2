"""Hospital IT makes, lists and revokes tokens over HTTP; the secret is answered once and stands nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
from fakes.hospital import Hospital
from starlette.testclient import TestClient

from node.readers.roles import Role

PATH = "/api/tokens"
NEW = {"name": "영상 뷰어 3", "role": "lead", "days": 30}
UNKNOWN = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def it(hospital: Hospital) -> TestClient:
    return hospital.signed_in(hospital.person("전산팀", Role.IT))


def machine(hospital: Hospital, secret: str) -> int:
    browser = hospital.browser()
    return int(browser.get("/api/dicomweb/studies", headers={"Authorization": f"Bearer {secret}"}).status_code)


def test_a_token_works_from_its_making_to_its_revocation(hospital: Hospital, it: TestClient, tmp_path: Path) -> None:
    made = it.post(PATH, json=NEW)
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    secret, token = made.json()["secret"], made.json()["token"]
    assert (token["name"], token["role"], token["state"]) == ("영상 뷰어 3", "lead", "works")
    assert machine(hospital, secret) == 200
    assert secret not in it.get(PATH).text
    assert secret.encode() not in (tmp_path / "ward.db").read_bytes()
    assert it.post(f"{PATH}/{token['token_id']}/revocation").status_code == 204
    assert machine(hospital, secret) == 401
    (listed,) = it.get(PATH).json()["tokens"]
    assert (listed["token_id"], listed["state"]) == (token["token_id"], "revoked")


def test_a_token_ends_by_itself(hospital: Hospital, it: TestClient) -> None:
    secret = it.post(PATH, json=NEW | {"days": 1}).json()["secret"]
    hospital.clock.forward(days=1)
    assert machine(hospital, secret) == 401
    later = hospital.signed_in(hospital.person("다른 전산팀", Role.IT))
    assert [one["state"] for one in later.get(PATH).json()["tokens"]] == ["ended"]


def test_who_made_and_who_revoked_is_in_the_audit_trail(hospital: Hospital, it: TestClient) -> None:
    token = it.post(PATH, json=NEW).json()["token"]
    it.post(f"{PATH}/{token['token_id']}/revocation")
    with hospital.ward.reading() as work:
        trail = [one for one in work.audit.latest(20) if one.action.startswith("token.")]
    assert [one.action for one in trail] == ["token.revoked", "token.made"]
    assert len({one.actor for one in trail}) == 1
    assert "뷰어" not in repr(trail)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"role": "reader"}, "token-not-made"),
        ({"days": 0}, "request-refused"),
        ({"days": 367}, "request-refused"),
        ({"name": " "}, "request-refused"),
        ({"secret": "mine"}, "request-refused"),
    ],
)
def test_a_token_that_cannot_be_is_not_made(it: TestClient, change: dict[str, object], code: str) -> None:
    refused = it.post(PATH, json=NEW | change)
    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert it.get(PATH).json()["tokens"] == []


def test_a_token_that_is_not_there_cannot_be_revoked(it: TestClient) -> None:
    refused = it.post(f"{PATH}/{UNKNOWN}/revocation")
    assert (refused.status_code, refused.json()["code"]) == (404, "token-unknown")
    assert refused.json()["title"] != refused.json()["title_ko"]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.IT}))
def test_nobody_else_sees_makes_or_revokes_tokens(hospital: Hospital, it: TestClient, role: Role) -> None:
    token = it.post(PATH, json=NEW).json()["token"]
    other = hospital.signed_in(hospital.person("누군가", role))
    asked = (other.get(PATH), other.post(PATH, json=NEW), other.post(f"{PATH}/{token['token_id']}/revocation"))
    assert [one.status_code for one in asked] == [403, 403, 403]


def test_a_token_makes_no_tokens(hospital: Hospital) -> None:
    machine = hospital.machine(Role.IT)
    assert [machine.get(PATH).status_code, machine.post(PATH, json=NEW).status_code] == [403, 403]
