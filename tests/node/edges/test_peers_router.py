"""Other hospitals' keys at the page's API, over the wall's socket as in the product."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import NOW, SITE, an_identity
from fakes.wall import Wall, a_wall
from fakes.wall_cast import COORDINATOR_IDENTITY, HOSPITAL, PERSON
from fakes.wall_desk import a_desk
from fastapi import FastAPI
from secure_factories import a_roster, a_site
from starlette.testclient import TestClient

from node.edges.wall_socket import WallClient, WallServer
from node.edges.web.routers.peers import peers_router
from node.edges.web.session import Caller, caller
from node.flows.inbox import COORDINATOR
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.texts import Language
from node.readers.roles import Role
from node.storage.audit import events
from node.storage.engine import reading
from node.storage.wall_peers import WallPeers
from node.storage.wall_tables import audit
from protocols.encoding import encode
from protocols.roster import RosterMember
from protocols.signing import Purpose, seal
from protocols.spoken import comparison_words, halves, spoken

OTHER = a_site(2)
OTHER_KEY = an_identity(2).public.raw


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    made = a_wall(tmp_path)
    yield made
    made.engine.dispose()
    made.round_engine.dispose()


@pytest.fixture
def page(wall: Wall, tmp_path: Path) -> Iterator[TestClient]:
    yield from served(wall, tmp_path, joined=True)


def served(wall: Wall, folder: Path, *, joined: bool) -> Iterator[TestClient]:
    server = WallServer(folder / "wall.sock", a_desk(wall, joined=joined))
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    app = FastAPI()
    app.include_router(peers_router(WallClient(folder / "wall.sock").peer_desk))
    app.dependency_overrides[caller] = lambda: Caller(PERSON, frozenset({Role.STEWARD}), Language.KO)
    yield TestClient(app)
    server.shutdown()
    server.server_close()


def holds_a_roster(wall: Wall) -> None:
    members = (
        RosterMember(site_id=OTHER, site_name="다른 병원", identity_key=OTHER_KEY),
        RosterMember(site_id=SITE, site_name="이 병원", identity_key=HOSPITAL.public.raw),
    )
    roster = a_roster(members=tuple(sorted(members, key=lambda one: one.site_id)))
    sealed = seal(encode(roster), COORDINATOR_IDENTITY, Purpose.ROSTER)
    event = AuditEvent(NOW, COORDINATOR, "roster.taken", "roster:1")
    WallPeers(wall.engine, COORDINATOR_IDENTITY.public).keep(roster, sealed, event)


def test_a_steward_compares_signs_and_takes_back_by_telephone(wall: Wall, page: TestClient) -> None:
    assert page.get("/api/peers").json() == {"number": 0, "members": []}
    holds_a_roster(wall)
    begun = page.post(f"/api/peers/{OTHER}/comparison", json={}).json()
    nonce = bytes(range(8))
    first, second = halves(comparison_words(nonce, (HOSPITAL.public.raw, OTHER_KEY)))
    assert (begun["nonce"], begun["say"], begun["began"]) == (spoken(nonce), first, True)
    wrong = page.post(f"/api/peers/{OTHER}/signature", json={"heard": first})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "peer-refused")
    assert "The words differ" in wrong.json()["title"]
    unknown = page.post(f"/api/peers/{a_site(9)}/comparison", json={}).json()
    assert (unknown["code"], unknown["detail_code"]) == ("peer-refused", "peer-unknown")
    assert "명부에 그런 다른 병원이 없습니다" in unknown["title_ko"]
    signed = page.post(f"/api/peers/{OTHER}/signature", json={"heard": second})
    assert (signed.status_code, signed.json()["belief"]) == (201, "compared")
    assert {one["belief"] for one in page.get("/api/peers").json()["members"]} == {"own", "compared"}
    taken_back = page.post(f"/api/peers/{OTHER}/revocation")
    assert (taken_back.status_code, taken_back.json()["belief"]) == (201, "revoked")
    with reading(wall.engine) as connection:
        told = [(one.action, one.actor) for one in events(connection, audit) if one.action.startswith("peer.")]
    person = Actor(ActorKind.PERSON, PERSON)
    assert told == [("peer.revoked", person), ("peer.signed", person), ("peer.comparing", person)]


def test_what_was_heard_from_who_began_is_a_nonce_of_four_words(wall: Wall, page: TestClient) -> None:
    holds_a_roster(wall)
    nonce = b"8 bytes."
    joined = page.post(f"/api/peers/{OTHER}/comparison", json={"nonce": spoken(nonce)}).json()
    _, second = halves(comparison_words(nonce, (HOSPITAL.public.raw, OTHER_KEY)))
    assert (joined["say"], joined["began"]) == (second, False)
    assert page.post(f"/api/peers/{OTHER}/comparison", json={"nonce": "no words"}).status_code == 409


def test_a_node_that_has_not_joined_compares_with_nobody(wall: Wall, tmp_path: Path) -> None:
    for page in served(wall, tmp_path, joined=False):
        for answer in (page.get("/api/peers"), page.post(f"/api/peers/{OTHER}/revocation")):
            assert (answer.status_code, answer.json()["code"]) == (409, "not-joined")
