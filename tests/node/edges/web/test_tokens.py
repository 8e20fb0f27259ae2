"""What a workstation or a script can do with a token, and what it cannot."""

import pytest
from fakes.hospital import Hospital
from sqlalchemy import select

from node.edges.web.access import RULES, Who
from node.flows.act import Act
from node.flows.tokens import all_tokens, issue_token, revoke_token
from node.ground.audit import ActorKind
from node.ground.ids import new_id, new_secret
from node.readers.errors import TokenRefused, TokenUnknown
from node.readers.roles import Role
from node.readers.token import TOKEN_ROLES, NewToken
from node.storage.ward_tables import token

STUDIES = "/api/dicomweb/studies"


def filled(template: str) -> str:
    for name in ("study_uid", "series_uid", "instance_uid"):
        template = template.replace(f"{{{name}}}", "2.25.7")
    return template.replace("{frames}", "1").replace("{path}", "7FE00010")


@pytest.mark.parametrize("role", sorted(TOKEN_ROLES))
def test_a_token_gets_as_far_as_the_table_says_and_nowhere_but_to_images(hospital: Hospital, role: Role) -> None:
    machine = hospital.machine(role)
    for (method, template), rule in RULES.items():
        if rule.who is Who.PUBLIC:
            continue
        status = machine.request(method, filled(template)).status_code
        let_in = rule.machines and rule.allows(frozenset({role}))
        assert (status == 403) == (not let_in), (method, template, status)
        assert status != 401, (method, template)


def test_only_dicomweb_takes_tokens() -> None:
    taking = {template for (_, template), rule in RULES.items() if rule.machines}
    assert len(taking) == 17
    assert all(template.startswith("/api/dicomweb/") for template in taking)
    assert all(not RULES[route].who.isdisjoint(TOKEN_ROLES) for route in RULES if RULES[route].machines)  # type: ignore[union-attr]  # a rule for machines names roles


def test_a_revoked_token_is_refused_with_the_next_request(hospital: Hospital) -> None:
    machine = hospital.machine(Role.LEAD)
    assert machine.get(STUDIES).status_code == 200
    (one,) = all_tokens(hospital.ward)
    revoke_token(hospital.ward, one.token_id, hospital.act())
    answer = machine.get(STUDIES)
    assert (answer.status_code, answer.json()["code"]) == (401, "token-refused")
    assert answer.headers["www-authenticate"] == "Bearer"
    with pytest.raises(TokenUnknown):
        revoke_token(hospital.ward, one.token_id, hospital.act())


def test_a_token_ends_on_its_day(hospital: Hospital) -> None:
    machine = hospital.machine(Role.STEWARD, days=2)
    hospital.clock.forward(days=1, hours=23)
    assert machine.get(STUDIES).status_code == 200
    hospital.clock.forward(hours=1)
    assert machine.get(STUDIES).status_code == 401


@pytest.mark.parametrize("shown", ["Bearer ", "Bearer wrong", "Bearer " + "x" * 5000, "bearer ' OR 1=1 --"])
def test_what_is_no_token_lets_nobody_in_even_beside_a_session(hospital: Hospital, shown: str) -> None:
    browser = hospital.signed_in(hospital.person("관리 책임자", Role.STEWARD))
    assert browser.get(STUDIES, headers={"Authorization": shown}).status_code == 401
    assert browser.get(STUDIES, headers={"Authorization": "Basic eDp5"}).status_code == 200


def test_a_stranger_is_told_that_a_token_would_do(hospital: Hospital) -> None:
    assert hospital.browser().get(STUDIES).headers["www-authenticate"] == "Bearer"
    assert "www-authenticate" not in hospital.browser().get("/api/session").headers


def test_of_a_token_only_the_digest_is_kept_and_its_acts_are_audited(hospital: Hospital) -> None:
    issued = hospital.token(NewToken("판독실 워크스테이션", Role.LEAD, 30))
    revoke_token(hospital.ward, issued.token.token_id, hospital.act())
    with hospital.engine.connect() as connection:
        (row,) = connection.execute(select(token)).all()
    assert issued.secret not in repr(row)
    assert issued.secret not in repr(issued)
    with hospital.ward.reading() as work:
        events = [(event.action, event.subject, event.reason) for event in work.audit.latest(10)]
    subject = f"token:{issued.token.token_id}"
    assert events == [("token.revoked", subject, ""), ("token.made", subject, "lead")]


@pytest.mark.parametrize(
    "new",
    [
        NewToken("reader's", Role.READER, 1),
        NewToken("auditor's", Role.AUDITOR, 1),
        NewToken("", Role.LEAD, 1),
        NewToken("line\nbreak", Role.LEAD, 1),
        NewToken("too long", Role.LEAD, 367),
        NewToken("no time", Role.LEAD, 0),
    ],
)
def test_a_token_without_name_end_or_role_for_images_is_not_made(hospital: Hospital, new: NewToken) -> None:
    act: Act = hospital.act()
    with pytest.raises(TokenRefused):
        issue_token(hospital.ward, new, act, token_id=new_id(), secret=new_secret())


def test_a_token_stores_without_the_token_of_the_page(hospital: Hospital) -> None:
    answer = hospital.machine(Role.IT).post(STUDIES, content=b"", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
    assert ActorKind.TOKEN.value == "token"
