"""Other hospitals' keys at the page: compared by telephone, signed and taken back by those who may, seen by others.

One real node that joined a coordinator nobody runs; the roster that coordinator would have sent lies in its database.
The other end of the telephone is played here, from the words that it alone could tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from e2e.browsing import blank_page, serious, settled, shoot
from e2e.node_process import NodeProcess
from factories import SITE, an_identity
from fakes.wall_cast import COORDINATOR_IDENTITY
from playwright.sync_api import Browser, Locator, Page, expect
from secure_factories import a_roster, a_site

from coordinator.ground.certificates import make_authority
from node.flows.inbox import COORDINATOR
from node.ground.audit import AuditEvent
from node.ground.home import Home
from node.ground.keyring import Keyring
from node.ground.membership import Membership, write_membership
from node.storage.engine import Database, open_engine
from node.storage.wall_peers import WallPeers
from protocols.encoding import encode
from protocols.roster import RosterMember
from protocols.signing import Purpose, seal
from protocols.spoken import comparison_words, halves, spoken, unspoken

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
EAST, WEST = ("동쪽 병원", an_identity(2).public.raw), ("서쪽 병원", an_identity(4).public.raw)
NONCE = b"8 bytes."


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node whose roster names two other hospitals."""
    node = NodeProcess(tmp_path_factory.mktemp("peers") / "home", "비교 시험 병원")
    home = Home(node.home)
    _joined(home)
    _holds_a_roster(home)
    try:
        node.start()
        node.wait((node.home / "run" / "wall.sock").exists, "the wall")
        yield node
    finally:
        node.stop()


def _joined(home: Home) -> None:
    now = datetime.now(UTC)
    write_membership(
        home.membership,
        Membership(
            site_id=SITE,
            coordinator_name="시험 조정 기관",
            coordinator_key=COORDINATOR_IDENTITY.public.raw,
            address="127.0.0.1:9",
            authority_pem=make_authority("Nobody's coordinator", now=now).certificate_pem.decode("ascii"),
            joined_at=now,
        ),
    )


def _holds_a_roster(home: Home) -> None:
    named = ((a_site(2), *EAST), (a_site(4), *WEST), (SITE, "비교 시험 병원", own_key(home)))
    members = tuple(RosterMember(site_id=site, site_name=name, identity_key=key) for site, name, key in named)
    now = datetime.now(UTC).replace(microsecond=0)
    roster = a_roster(members=members, made_at=now)
    sealed = seal(encode(roster), COORDINATOR_IDENTITY, Purpose.ROSTER)
    engine = open_engine(Database.WALL, home.path)
    kept = WallPeers(engine, COORDINATOR_IDENTITY.public)
    kept.keep(roster, sealed, AuditEvent(now, COORDINATOR, "roster.taken", "roster:1"))
    engine.dispose()


def own_key(home: Home) -> bytes:
    """This hospital's public identity."""
    return Keyring(home.keys).identity().public.raw


def the_halves(node: NodeProcess, nonce: bytes, other: bytes) -> tuple[str, str]:
    """What who began reads out, and what the other does."""
    return halves(comparison_words(nonce, (own_key(Home(node.home)), other)))


def signed_in(browser: Browser, node: NodeProcess, name: str, role: str) -> Page:
    """The page of hospitals' keys of a person of this role."""
    page = blank_page(browser, height=1400)
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.add_person(name, role))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="병원 키", exact=True).click()
    page.get_by_role("heading", name="병원 키", exact=True).wait_for()
    card(page, EAST).wait_for()
    return page


def card(page: Page, hospital: tuple[str, bytes]) -> Locator:
    """A hospital's card, in either language."""
    return page.locator("article.card").filter(has=page.get_by_role("heading", name=hospital[0], exact=True))


def in_both(page: Page, name: str) -> None:
    """Pictures of what is shown, in Korean and in English; nothing serious stands against it in either."""
    for language, other, leave in (("ko", "English", "Sign out"), ("en", "한국어", "로그아웃")):
        settled(page)
        shoot(page, f"{name}-{language}")
        assert serious(page) == []
        page.get_by_role("button", name=other, exact=True).click()
        page.get_by_role("button", name=leave).wait_for()


def test_who_calls_begins_signs_by_keyboard_and_takes_the_word_back(browser: Browser, node: NodeProcess) -> None:
    page = signed_in(browser, node, "전산 담당", "it")
    east = card(page, EAST)
    expect(east).to_contain_text("비교하지 않았습니다")
    east.get_by_text("전화로 비교").focus()
    page.keyboard.press("Enter")
    in_both(page, "peers-begin")
    east.get_by_role("button", name="비교 시작").press("Enter")
    expect(east.get_by_role("list", name="읽을 단어와 들을 단어")).to_be_focused()
    nonce, say = east.locator("p.words").all_inner_texts()
    first, second = the_halves(node, unspoken(nonce) or b"", EAST[1])
    assert say == first
    heard = east.get_by_label("입력하라고 상대 병원이 읽어 주는 네 단어")
    signing = east.get_by_role("button", name="단어를 확인하고 서명")
    heard.fill("ㅣㅕㄴ")
    expect(east.get_by_role("alert")).to_contain_text("영문으로 입력하십시오")
    expect(signing).to_be_disabled()
    heard.fill(first)
    signing.click()
    expect(east.get_by_role("alert")).to_contain_text(
        "또 다르면 누군가 중간에서 다른 키를 끼워 넣은 것이니 서명하지 말고"
    )
    in_both(page, "peers-differ")
    heard.fill(f" {second.upper()}")
    heard.press("Enter")
    expect(east).to_contain_text("이제부터 이 병원이 동쪽 병원의 키를 보증합니다")
    expect(east.get_by_role("heading")).to_be_focused()
    east.locator("summary", has_text="보증 철회").click()
    taking_back = east.get_by_role("button", name="보증 철회")
    expect(taking_back).to_be_disabled()
    east.get_by_label("이 키를 더 이상 신뢰하지 않겠습니다").check()
    in_both(page, "peers-compared")
    taking_back.click()
    expect(east).to_contain_text("보증을 철회했습니다")
    page.close()


def test_who_was_called_takes_part_and_a_reviewer_only_sees_it(browser: Browser, node: NodeProcess) -> None:
    page = signed_in(browser, node, "김책임", "steward")
    west = card(page, WEST)
    west.get_by_text("전화로 비교").click()
    west.get_by_label("상대가 먼저 읽은 네 단어").fill(spoken(NONCE))
    west.get_by_role("button", name="비교 참여").click()
    first, second = the_halves(node, NONCE, WEST[1])
    expect(west.locator("p.words")).to_have_text([second])
    west.get_by_label("입력하라고 상대 병원이 읽어 주는 네 단어").fill(first)
    in_both(page, "peers-joined")
    west.get_by_role("button", name="단어를 확인하고 서명").click()
    expect(west).to_contain_text("이 병원이 비교했습니다")
    page.close()
    page = signed_in(browser, node, "박심의", "ethics")
    expect(card(page, WEST)).to_contain_text("이 병원이 비교했습니다")
    expect(page.locator("main").get_by_role("button")).to_have_count(0)
    expect(page.locator("main summary")).to_have_count(0)
    in_both(page, "peers-reviewer")
    page.close()
