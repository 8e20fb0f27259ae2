"""The api process as hospitals, partners and the operator meet it."""

from collections.abc import Iterator

import pytest
from factories import PLAN, a_ledger_root, an_identity
from fakes.coordinator_world import PARTNER_IDENTITY, World
from fakes.hospitals import Hospital
from httpx import Response
from secure_factories import a_peer_key, a_revocation
from starlette.testclient import TestClient

from coordinator.edges.web.app import api_app
from coordinator.edges.web.desk import Desk
from coordinator.flows.sign_in import issue_code
from coordinator.ground.texts import Language
from coordinator.partner.errors import ReleaseRefused
from coordinator.partner.release import verify_release
from protocols.cards import PartnerCard
from protocols.encoding import decode, encode
from protocols.enrolment import EnrolmentAnswer
from protocols.inbox import Inbox
from protocols.ledger_roots import LedgerWitness, check_witness
from protocols.requests import authorization
from protocols.roster import Roster
from protocols.signing import Identity, Purpose, seal, unseal

PORT = 9444
OWN = f"http://127.0.0.1:{PORT}"


@pytest.fixture
def line(world: World) -> Iterator[TestClient]:
    desk = Desk(world.work, world.models, world.clock, world.face, Language.KO, PORT)
    with TestClient(api_app(desk), base_url=OWN, raise_server_exceptions=False, follow_redirects=False) as client:
        yield client


def signed(world: World, identity: Identity, role: str, caller: str, path: str, *, late: int = 0) -> dict[str, str]:
    at = int(world.clock.now().timestamp()) - late
    return {"Authorization": authorization(identity, role, caller, path, at)}


def partner(world: World, path: str) -> dict[str, str]:
    return signed(world, PARTNER_IDENTITY, "partner", world.partner_id, path)


def test_a_hospital_enrols_over_http(world: World, line: TestClient) -> None:
    answer = line.post("/api/enrolments", content=world.request("a", an_identity(1)))
    assert answer.status_code == 201
    decode(unseal(answer.content, world.face.identity.public, Purpose.ENROLMENT_ANSWER), EnrolmentAnswer)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [({"token": "x" * 43}, 403, "invitation-unknown"), ({"site_name": "b"}, 403, "invitation-for-other")],
)
def test_a_refused_enrolment_is_a_problem_in_both_languages(
    world: World, line: TestClient, changes: dict[str, str], status: int, code: str
) -> None:
    answer = line.post("/api/enrolments", content=world.request("a", an_identity(1), **changes))
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["title"] != problem["title_ko"]


def test_a_daily_root_is_countersigned_over_http_and_a_second_one_of_the_day_is_a_problem(
    world: World, line: TestClient
) -> None:
    hospital = world.admitted("a")
    root = a_ledger_root(site_id=hospital.site_id)

    def sent(entries: int) -> Response:
        sealed = seal(encode(root.model_copy(update={"entries": entries})), hospital.identity, Purpose.LEDGER_ROOT)
        answer: Response = line.post("/api/ledger-roots", content=sealed)
        return answer

    for answer in (sent(3), sent(3)):
        assert answer.status_code == 201
        opened = unseal(answer.content, world.face.identity.public, Purpose.LEDGER_WITNESS)
        check_witness(decode(opened, LedgerWitness)[0], root)
    answer = sent(4)
    assert answer.status_code == 422
    assert (answer.json()["code"], answer.json()["reasons"][0]["code"]) == ("root-refused", "two-roots")


@pytest.mark.parametrize(
    "path",
    [
        "/api/enrolments",
        "/api/approvals",
        "/api/withdrawals",
        "/api/ledger-roots",
        "/api/peer-keys",
        "/api/peer-key-revocations",
        "/api/partner/plans",
    ],
)
@pytest.mark.parametrize(("body", "status"), [(b"", 422), (b"\x00garbage", 422), (bytes(300_000), 413)])
def test_bytes_that_are_nothing_are_refused_and_large_ones_not_read(
    line: TestClient, path: str, body: bytes, status: int
) -> None:
    assert line.post(path, content=body).status_code == status


def test_a_hospital_reads_its_own_inbox(world: World, line: TestClient) -> None:
    hospital = world.admitted("a")
    headers = signed(world, hospital.identity, "site", hospital.site_id, "/api/inbox")
    answer = line.get("/api/inbox", headers=headers)
    seen, _ = decode(unseal(answer.content, world.face.identity.public, Purpose.INBOX), Inbox)
    assert (answer.status_code, seen.site_id, len(seen.sealed_receipts)) == (200, hospital.site_id, 1)
    later = line.get(f"/api/inbox?since={2**40}", headers=headers)
    assert later.status_code == 200


def test_an_inbox_is_closed_to_other_keys_old_requests_and_other_paths(world: World, line: TestClient) -> None:
    hospital, other = world.admitted("a"), world.admitted("b")
    refused = [
        {},
        {"Authorization": "Bearer x"},
        signed(world, other.identity, "site", hospital.site_id, "/api/inbox"),
        signed(world, hospital.identity, "site", hospital.site_id, "/api/inbox", late=301),
        signed(world, hospital.identity, "site", hospital.site_id, "/api/other"),
        signed(world, hospital.identity, "partner", hospital.site_id, "/api/inbox"),
    ]
    assert [line.get("/api/inbox", headers=headers).status_code for headers in refused] == [401] * len(refused)
    stranger = signed(world, hospital.identity, "site", "99999999-9999-4999-8999-999999999999", "/api/inbox")
    assert line.get("/api/inbox", headers=stranger).status_code == 403


def test_a_hospital_says_a_word_on_a_key_and_reads_the_roster_that_carries_it(world: World, line: TestClient) -> None:
    one, two, waiting = world.admitted("a"), world.admitted("b"), world.enrolled("c")

    def roster(hospital: Hospital, number: int) -> Response:
        path = f"/api/rosters/{number}"
        answer: Response = line.get(path, headers=signed(world, hospital.identity, "site", hospital.site_id, path))
        return answer

    fields = {"signer_site_id": one.site_id, "peer_site_id": two.site_id, "peer_key": two.identity.public.raw}
    sealed = seal(encode(a_peer_key(**fields)), one.identity, Purpose.PEER_KEY)
    assert line.post("/api/peer-keys", content=sealed).status_code == 201
    answer = roster(two, 1)
    opened, _ = decode(unseal(answer.content, world.face.identity.public, Purpose.ROSTER), Roster)
    assert (answer.status_code, opened.sealed_peer_keys) == (200, (sealed,))
    assert (roster(two, 2).status_code, roster(two, 2).json()["code"]) == (404, "roster-missing")
    assert roster(waiting, 1).status_code == 403
    assert line.get("/api/rosters/1").status_code == 401
    assert roster(two, 0).status_code == 422
    sealed = seal(encode(a_revocation(**fields)), one.identity, Purpose.PEER_KEY_REVOCATION)
    assert line.post("/api/peer-key-revocations", content=sealed).status_code == 201
    opened, _ = decode(unseal(roster(one, 2).content, world.face.identity.public, Purpose.ROSTER), Roster)
    assert opened.sealed_peer_keys == ()


def test_a_partner_follows_its_plan_from_offer_to_a_release_it_can_verify(world: World, line: TestClient) -> None:
    sealed = seal(encode(world.plan()), PARTNER_IDENTITY, Purpose.PLAN)
    assert line.post("/api/partner/plans", content=sealed).json()["plan_id"] == PLAN
    status, release = f"/api/partner/plans/{PLAN}", f"/api/partner/releases/{PLAN}"
    assert line.get(status, headers=partner(world, status)).json()["state"] == "offered"
    assert line.get(release, headers=partner(world, release)).json()["code"] == "release-missing"
    world.carried(world.ready("a", "b"))
    told = line.get(status, headers=partner(world, status)).json()
    assert (told["state"], told["rounds_done"], told["attack_light"]) == ("released", 3, "green")
    archive = line.get(release, headers=partner(world, release)).content
    with world.work.reading() as books:
        held = books.partners.all()[0]
    card = PartnerCard(
        coordinator_name="x", coordinator_key=world.face.identity.public.raw, address="x:1", authority_pem="",
        partner_id=held.partner_id, partner_name="x",
    )  # fmt: skip
    assert verify_release(archive, card, PLAN).passport.plan_id == PLAN
    with pytest.raises(ReleaseRefused):
        verify_release(archive.replace(b"head.bias", b"head.bios"), card, PLAN)


def test_the_status_of_a_plan_names_no_hospital(world: World, line: TestClient) -> None:
    offer = world.ready("Secret Hospital", "b")
    world.withdraw(world.hospitals[0], offer)
    path = f"/api/partner/plans/{offer.plan_id}"
    answer = line.get(path, headers=partner(world, path))
    assert answer.json()["withdrawals"] == ["steward-revoked"]
    assert "Secret Hospital" not in answer.text
    assert world.hospitals[0].site_id not in answer.text


def test_a_refused_plan_comes_with_every_reason_in_both_languages(world: World, line: TestClient) -> None:
    sealed = seal(encode(world.plan(update_norm_bound=5000.0, metrics=())), PARTNER_IDENTITY, Purpose.PLAN)
    problem = line.post("/api/partner/plans", content=sealed).json()
    assert problem["code"] == "plan-refused"
    assert {reason["code"] for reason in problem["reasons"]} == {"metrics-missing", "scale-too-fine"}
    assert all(reason["en"] != reason["ko"] for reason in problem["reasons"])


def test_another_partners_plan_is_unknown(world: World, line: TestClient) -> None:
    offer = world.offered()
    path = f"/api/partner/plans/{offer.plan_id}"
    stranger = signed(world, an_identity(9), "partner", world.partner_id, path)
    assert line.get(path, headers=stranger).status_code == 401
    missing = "/api/partner/plans/99999999-9999-4999-8999-999999999999"
    assert line.get(missing, headers=partner(world, missing)).json()["code"] == "plan-unknown"
    assert line.get("/api/partner/plans/..", headers=partner(world, path)).status_code in {404, 422}


def test_the_operators_page_asks_for_a_code_and_then_shows_everything(world: World, line: TestClient) -> None:
    world.carried(world.ready("병원 <b>A</b>", "b"))
    assert line.get("/operator/").headers["location"] == "/operator/sign-in"
    code = issue_code(world.work, now=world.clock.now())
    answer = line.post("/operator/sign-in?lang=en", content=f"code={code}")
    assert answer.status_code == 303
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = line.get("/operator/?lang=en")
    assert page.status_code == 200
    for word in ("Sites", "Plans", "Rounds", "Releases", "병원 &lt;b&gt;A&lt;/b&gt;", "Chest film triage", "released"):
        assert word in page.text
    assert "<b>A</b>" not in page.text
    korean = line.get("/operator/").text
    for word in ("참여 기관", "계획", "라운드", "공개 모델", "흉부 촬영 분류", 'lang="ko"'):
        assert word in korean


def test_a_wrong_or_used_code_opens_nothing(world: World, line: TestClient) -> None:
    code = issue_code(world.work, now=world.clock.now())
    line.post("/operator/sign-in", content=f"code={code}")
    line.cookies.clear()
    for tried in (code, "AAAAA-AAAAA-AAAAA-AAAAA", ""):
        answer = line.post("/operator/sign-in", content=f"code={tried}")
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers
    assert line.get("/operator/").status_code == 303


def test_every_page_forbids_scripts_framing_and_storage(line: TestClient) -> None:
    for path in ("/operator/sign-in", "/operator/operator.css", "/api/health", "/api/inbox"):
        headers = line.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("headers", [{"host": "evil.example"}, {"x-forwarded-for": "10.0.0.9"}])
def test_the_operators_page_is_not_there_for_others(line: TestClient, headers: dict[str, str]) -> None:
    assert line.get("/operator/sign-in", headers=headers).status_code == 404


def test_what_goes_wrong_inside_tells_nothing(world: World, line: TestClient) -> None:
    world.database.dispose()
    (world.home.path / "coordinator.db").write_bytes(b"not a database at all" * 100)
    answer = line.get("/api/inbox", headers=signed(world, an_identity(1), "site", PLAN, "/api/inbox"))
    assert (answer.status_code, answer.json()["code"]) == (500, "internal-error")
    assert "database" not in answer.text.lower()
