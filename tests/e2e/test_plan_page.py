"""Plans as the three offices meet them: two people approve, each office stops in its own name, IT also at the shell.

One real node that joined a coordinator nobody runs; what that coordinator would have offered lies in its database.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from e2e.browsing import blank_page, serious, settled, shoot
from e2e.node_process import NodeProcess
from factories import PLAN, SITE
from fakes.wall_cast import COORDINATOR_IDENTITY, a_real_plan, a_sealed_offer, opened
from playwright.sync_api import Browser, Locator, Page, expect

from coordinator.ground.certificates import make_authority
from node.flows.inbox import COORDINATOR
from node.ground.audit import AuditEvent
from node.ground.home import Home
from node.ground.membership import Membership, write_membership
from node.storage.engine import Database, open_engine
from node.storage.wall_plans import WallPlans
from protocols.labels import Bilingual
from protocols.plans import BoardDecision, MetricName, TrainingPlan

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
FIRST, SECOND, STOPPED = ("1", "첫째 계획"), ("2", "둘째 계획"), ("3", "셋째 계획")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    """A node that joined, approves by two people, and was offered three plans."""
    node = NodeProcess(tmp_path_factory.mktemp("plans") / "home", "승인 시험 병원")
    _joined(node.home)
    _offered(node.home, a_plan(*FIRST, rounds=3, quorum=2), minute=0)
    _offered(node.home, a_plan(*SECOND, rounds=5, quorum=3), minute=1)
    _offered(node.home, a_plan(*STOPPED), minute=2)
    path = node.home / "node.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count("two_people = false\n") == 1
    path.write_text(text.replace("two_people = false\n", "two_people = true\n"), encoding="utf-8")
    try:
        node.start()
        node.wait((node.home / "run" / "wall.sock").exists, "the wall")
        yield node
    finally:
        node.stop()


def a_plan(number: str, title: str, **changes: Any) -> TrainingPlan:
    """A plan that holds today, whatever day that is."""
    now = datetime.now(UTC).replace(microsecond=0)
    today = now.date()
    board = BoardDecision(
        board="시험 IRB",
        number="2026-11-001",
        decided_on=today - timedelta(days=30),
        expires_on=today + timedelta(days=300),
        document_sha256="ab" * 32,
    )
    periods = {
        "processing_from": today - timedelta(days=2),
        "processing_until": today + timedelta(days=300),
        "board_decision": board,
        "created_at": now - timedelta(days=1),
        "expires_at": now + timedelta(days=90),
    }
    names = {"plan_id": PLAN[:-1] + number, "title": Bilingual(en=f"Plan number {number}", ko=title)}
    figures = (MetricName.VALIDATION_LOSS, MetricName.VALIDATION_AUC)
    return a_real_plan(**{**names, **periods, "metrics": figures, **changes})


def _joined(path: Path) -> None:
    now = datetime.now(UTC)
    write_membership(
        Home(path).membership,
        Membership(
            site_id=SITE,
            coordinator_name="시험 조정 기관",
            coordinator_key=COORDINATOR_IDENTITY.public.raw,
            address="127.0.0.1:9",
            authority_pem=make_authority("Nobody's coordinator", now=now).certificate_pem.decode("ascii"),
            joined_at=now,
        ),
    )


def _offered(path: Path, plan: TrainingPlan, *, minute: int) -> None:
    engine, now = open_engine(Database.WALL, path), datetime.now(UTC)
    sealed = a_sealed_offer(plan, offered_at=now.replace(microsecond=0))
    event = AuditEvent(now + timedelta(minutes=minute - 10), COORDINATOR, "plan.offered", f"plan:{plan.plan_id}")
    WallPlans(engine, COORDINATOR_IDENTITY.public).keep(opened(sealed), sealed, event)
    engine.dispose()


def signed_in(browser: Browser, node: NodeProcess, name: str, role: str) -> Page:
    """The plans' page of a person of this role."""
    page = blank_page(browser, height=1400)
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.add_person(name, role))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name="계획", exact=True).click()
    page.get_by_role("heading", name="계획", exact=True).wait_for()
    settled(page)
    return page


def card(page: Page, plan: tuple[str, str]) -> Locator:
    """A plan's card, in either language."""
    return page.locator("article.card").filter(has=page.get_by_role("heading", name=plan[1], exact=True))


def anew(page: Page) -> None:
    """The page as it is now."""
    page.reload()
    page.get_by_role("button", name="계획", exact=True).click()
    page.get_by_role("heading", name="계획", exact=True).wait_for()
    settled(page)


def test_two_stewards_approve_less_than_the_plan_and_the_next_version_says_what_is_otherwise(
    browser: Browser, node: NodeProcess
) -> None:
    first, second = (signed_in(browser, node, name, "steward") for name in ("김책임", "이책임"))
    plan = card(first, FIRST)
    plan.get_by_label("최대 라운드 수").fill("2")
    plan.get_by_role("checkbox", name="검증 AUC").uncheck()
    shoot(first, "plan-first-yes-form-ko")
    plan.get_by_role("button", name="1차 찬성").click()
    expect(plan).to_contain_text("본인이 1차로 찬성했습니다")
    expect(plan.get_by_role("button", name="두 번째 책임자로 확인")).to_have_count(0)
    anew(second)
    plan = card(second, FIRST)
    expect(plan).to_contain_text("최대 2라운드")
    expect(plan).to_contain_text("반출해도 되는 수치: 검증 손실")
    plan.scroll_into_view_if_needed()
    shoot(second, "plan-second-yes-ko")
    assert serious(second) == []
    plan.get_by_role("button", name="두 번째 책임자로 확인").click()
    expect(plan).to_contain_text("승인됨")
    anew(first)
    plan = card(first, SECOND)
    expect(plan).to_contain_text("완화됨: 라운드 수: 3 → 5")
    expect(plan).to_contain_text("최소 참여 병원 수: 2 → 3")
    plan.scroll_into_view_if_needed()
    shoot(first, "plan-changes-ko")
    assert serious(first) == []
    first.get_by_role("button", name="English").click()
    first.get_by_text("Looser: Rounds: 3 → 5").wait_for()
    settled(first)
    first.get_by_text("Looser: Rounds: 3 → 5").scroll_into_view_if_needed()
    shoot(first, "plan-changes-en")


def test_each_office_stops_a_plan_and_lifts_its_own_stop_alone(browser: Browser, node: NodeProcess) -> None:
    told = node.command("plan", "stop", PLAN[:-1] + STOPPED[0])
    assert (told["office"], told["lifted_at"]) == ("it", None)
    reviewer = signed_in(browser, node, "박심의", "ethics")
    plan = card(reviewer, STOPPED)
    expect(plan).to_contain_text("병원 전산 담당자가")
    expect(plan.get_by_role("button", name="병원 전산 담당자의 중지 풀기")).to_have_count(0)
    plan.get_by_role("button", name="지금 정지").click()
    expect(plan).to_contain_text("윤리 심의자가")
    plan.scroll_into_view_if_needed()
    shoot(reviewer, "plan-stopped-ko")
    assert serious(reviewer) == []
    steward = signed_in(browser, node, "최책임", "steward")
    expect(card(steward, STOPPED).get_by_role("button", name="1차 찬성")).to_have_count(0)
    expect(card(steward, STOPPED).get_by_role("button", name="지금 철회")).to_have_count(1)
    it = signed_in(browser, node, "전산 담당", "it")
    plan = card(it, STOPPED)
    lifting = plan.get_by_role("button", name="병원 전산 담당자의 중지 풀기")
    expect(lifting).to_be_disabled()
    plan.get_by_label("푸는 이유").select_option("fault-mended")
    lifting.click()
    expect(plan).to_contain_text("이유: 장애를 고침")
    expect(plan).to_contain_text("윤리 심의자가")
    it.get_by_role("button", name="English").click()
    it.get_by_text("Suspended by the ethics reviewer since").wait_for()
    settled(it)
    it.get_by_text("Suspended by the ethics reviewer since").scroll_into_view_if_needed()
    shoot(it, "plan-lifted-en")
    assert serious(it) == []
    anew(steward)
    expect(card(steward, STOPPED).get_by_role("button", name="1차 찬성")).to_have_count(0)
