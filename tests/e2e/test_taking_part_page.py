"""What patients had a part in, and what an update was before it left, at the page; the wall is real and not a process.

Its answers are handed to the browser as the desk gives them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.served_ward import ServedWard, both_languages, served_ward
from factories import PLAN, RUN
from fakes.asking import answer, evaluate, train
from fakes.wall import Wall, a_wall
from fakes.wall_desk import a_desk
from playwright.sync_api import Browser, Page, expect

from node.readers.roles import Role
from protocols.enrolment import EnrolmentState
from protocols.inbox import RunNotice, RunState

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(200)]
EVERYBODY = range(50)


@pytest.fixture
def wall(tmp_path: Path) -> Iterator[Wall]:
    """A wall that answered the one round of a run with a release; another run is older than the record."""
    home = tmp_path / "wall"
    home.mkdir()
    made = a_wall(home)
    made.approve(made.offer())
    answer(made, train())
    answer(made, evaluate(round=1, final=True))
    notices = (
        RunNotice(run_id=RUN, plan_id=PLAN, state=RunState.FINISHED, rounds_done=1),
        RunNotice(run_id=RUN[:-1] + "9", plan_id=PLAN, state=RunState.ENDED, rounds_done=3),
    )
    made.contact.reached(EnrolmentState.ADMITTED, notices, made.clock.now())
    yield made
    made.engine.dispose()
    made.round_engine.dispose()


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[ServedWard]:
    folder = tmp_path / "ward"
    folder.mkdir()
    with served_ward(folder) as ward:
        yield ward


def entered(ward: ServedWard, wall: Wall, browser: Browser) -> Page:
    """The steward's page, with the wall's own answers."""
    page = ward.enter(browser, ward.hospital.person("관리자", Role.STEWARD))
    desk = a_desk(wall)
    told = desk.taking_part(EVERYBODY).model_dump(mode="json")
    page.route("**/api/exclusions/rounds", lambda route: route.fulfill(json=told))
    left = desk.ledger(0, 500).model_dump(mode="json")
    page.route("**/api/ledger?*", lambda route: route.fulfill(json=left))
    return page


def test_a_steward_sees_what_an_excluded_patient_had_a_part_in(ward: ServedWard, wall: Wall, browser: Browser) -> None:
    page = entered(ward, wall, browser)
    page.get_by_role("button", name="제외 환자", exact=True).click()
    form = page.locator("form").first
    form.get_by_label("구분").select_option("opt-out")
    form.get_by_label("병원 환자 번호").fill("12-345")
    form.get_by_role("button", name="제외").click()
    expect(page.get_by_role("status")).to_contain_text("제외: 1명")
    parts = page.get_by_role("region", name="이 환자들의 영상이 쓰인 라운드와 배포된 모델")
    for sentence in (
        "이미 끝난 학습은 취소되지 않으며",
        "1라운드까지 학습한 모델이 배포되었고",
        "제안: 이 환자들 없이",
        "1-3",
    ):
        expect(parts).to_contain_text(sentence)
    assert "12-345" not in page.content()
    both_languages(page, "exclusions-rounds")
    page.get_by_role("button", name="English", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Excluded: 1")
    page.close()


def test_the_ledger_shows_an_updates_norm_and_sizes(ward: ServedWard, wall: Wall, browser: Browser) -> None:
    page = entered(ward, wall, browser)
    page.get_by_role("button", name="반출 내역", exact=True).click()
    shape = page.get_by_role("group").filter(has_text="고정소수점 변환 전의 업데이트")
    expect(shape).to_have_count(1)
    shape.locator("summary").click()
    expect(shape).to_contain_text("마스킹 없이, 조정 기관만 열 수 있게 암호화되어 반출되었습니다")
    expect(shape).not_to_contain_text("이대로 반출된 적이 없습니다")
    expect(shape).to_contain_text("변화량 구간별 파라미터 수")
    expect(shape.get_by_role("rowheader")).not_to_have_count(0)
    both_languages(page, "what-left-update")
    page.close()
