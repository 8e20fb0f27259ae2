"""A project's whole life at its lead's desk, and an adjudication from the call to the verdict, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.reading_place import ready
from e2e.served_ward import ServedWard, both_languages, part, served_ward
from fakes.hospital import LICENCE, film, read_one
from playwright.sync_api import Browser, Page, expect

from node.flows.people import set_licence
from node.readers.person import Person
from node.readers.roles import Role

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
FILMS = 8


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWard]:
    with served_ward(tmp_path_factory.mktemp("desk")) as ward:
        ward.hospital.admit(*(film(number) for number in range(1, FILMS + 1)))
        yield ward


@pytest.fixture(scope="module")
def lead(ward: ServedWard) -> Person:
    return ward.hospital.person("과제 책임자", Role.LEAD)


def test_a_lead_takes_a_project_from_draft_to_archive(browser: Browser, ward: ServedWard, lead: Person) -> None:
    page = ward.enter(browser, lead)
    page.get_by_text("새 과제 만들기", exact=True).click()
    page.get_by_label("제목").fill("흉부: 이상 유무")
    page.get_by_label("라벨 스키마").select_option("chest-film-abnormal 1")
    page.get_by_label("비용 부담").fill("한빛 AI")
    page.get_by_label("지침").fill("이상 소견이 있으면 이상을 고릅니다.\n애매하면 판단 보류를 고릅니다.")
    both_languages(page, "projects-new")
    page.get_by_role("button", name="과제 만들기", exact=True).click()
    page.get_by_role("heading", name="흉부: 이상 유무").wait_for()
    page.get_by_label("모달리티").fill("DX")
    page.get_by_role("button", name="증례 넣기").click()
    expect(page.locator("main .news")).to_contain_text(f"{FILMS}건")
    both_languages(page, "project-life-draft")
    page.get_by_label("시범 판독 수").fill("51")
    expect(page.get_by_role("button", name="시범 시작")).to_be_disabled()
    page.get_by_label("시범 판독 수").fill("20")
    page.get_by_role("button", name="시범 시작").click()
    expect(page.locator("[aria-current=step]")).to_have_text("시범")
    both_languages(page, "project-life-pilot")
    _new_guideline(page)
    _orders(page)
    _extra_readings(page)
    part(page, "진행")
    for step, state in (("과제 열기", "진행 중"), ("동결", "동결"), ("다시 열기", "진행 중"), ("동결", "동결")):
        page.get_by_role("button", name=step, exact=True).click()
        expect(page.locator("[aria-current=step]")).to_have_text(state)
    expect(page.get_by_role("button", name="영구 보관")).to_be_disabled()
    page.get_by_label("되돌릴 수 없음을 확인했습니다").check()
    page.get_by_role("button", name="영구 보관").click()
    expect(page.locator("[aria-current=step]")).to_have_text("보관")
    page.close()


def _new_guideline(page: Page) -> None:
    part(page, "지침")
    page.get_by_label("지침", exact=True).fill("이상 소견이 있으면 이상을 고릅니다.\n흉막 비후만 있으면 정상입니다.")
    page.get_by_role("button", name="새 판으로 저장").click()
    expect(page.locator("li.after")).to_contain_text("흉막 비후만 있으면 정상입니다.")
    expect(page.locator("li.before")).to_contain_text("판단 보류를 고릅니다.")
    both_languages(page, "project-guideline")


def _orders(page: Page) -> None:
    part(page, "증례")
    page.locator("tbody input[type=checkbox]").first.check()
    page.get_by_label("난이도").first.select_option("hard")
    due = page.get_by_label("기한")
    due.fill("2026-02-30")
    expect(page.get_by_role("alert")).to_contain_text("없는 날짜입니다")
    due.fill("2026. 12. 24.")
    expect(page.locator("form").filter(has=due)).to_contain_text("2026년 12월 24일 목요일")
    page.get_by_role("button", name="선택한 증례에 적용").click()
    expect(page.locator("tbody tr").first).to_contain_text("2026. 12. 24.")
    page.get_by_text("규칙과 휴식").click()
    page.get_by_label("전문의 경력(년 이상)").fill("10")
    page.get_by_role("button", name="규칙 추가하기").click()
    expect(page.locator("main")).to_contain_text("전문의 10년 이상")
    both_languages(page, "project-cases")
    page.get_by_role("button", name="삭제 1").click()
    expect(page.locator("main")).to_contain_text("규칙이 없습니다")


def _extra_readings(page: Page) -> None:
    part(page, "추가 판독")
    expect(page.locator("main")).to_contain_text("지금은 모든 증례를 3번 읽습니다")
    most = page.get_by_label("증례당 최대 판독 수")
    most.fill("3")
    expect(page.get_by_role("button", name="추가 판독 정하기")).to_be_disabled()
    most.fill("5")
    page.get_by_role("button", name="추가 판독 정하기").click()
    expect(page.locator("main")).to_contain_text("지금은 증례를 3번부터 5번까지 읽습니다")
    page.get_by_label("판독의별 다시 읽을 비율(%)").fill("20")
    page.get_by_role("button", name="다시 읽기 정하기").click()
    expect(page.locator("main")).to_contain_text("본인 판독 가운데 20 %를 30일 이상 지난 뒤")
    both_languages(page, "project-extra")
    page.get_by_role("button", name="모든 증례를 똑같이 읽기").click()
    expect(page.locator("main")).to_contain_text("지금은 모든 증례를 3번 읽습니다")
    page.get_by_role("button", name="다시 읽기 끝내기").click()
    expect(page.locator("main")).to_contain_text("지금은 다시 읽는 증례가 없습니다")


def test_a_dissent_is_called_read_blind_and_decided(browser: Browser, ward: ServedWard, lead: Person) -> None:
    hospital = ward.hospital
    project_id = hospital.project(reads_per_case=2, payer="한빛 AI")
    for name, option in (("김영상", "present"), ("박흉부", "absent")):
        reading = hospital.signed_in(hospital.reader(name))
        while read_one(reading, option):
            pass
    judge = hospital.person("조정 담당", Role.ADJUDICATOR)
    set_licence(hospital.ward, judge.person_id, LICENCE, hospital.act())
    desk = ward.enter(browser, lead)
    desk.get_by_role("button", name="흉부", exact=True).click()
    part(desk, "일치도")
    both_languages(desk, "project-agreement")
    part(desk, "조정 판독")
    desk.get_by_role("button", name="조정 판독 요청").click()
    expect(desk.locator("main .news")).to_contain_text(f"{FILMS}건")
    page = ward.enter(browser, judge)
    page.get_by_role("heading", name="조정 판독").wait_for()
    both_languages(page, "adjudicator-waiting")
    page.get_by_role("button", name="맡아서 독립 판독").first.click()
    _read_blind(page)
    page.get_by_role("button", name="의견 보기").click()
    expect(page.get_by_role("table").first).to_contain_text("A")
    both_languages(page, "adjudicator-opinions")
    assert "김영상" not in page.content()
    page.get_by_role("combobox", name="결정").select_option("present")
    page.get_by_role("combobox", name="사유").select_option("finding-overlooked")
    page.get_by_role("button", name="결정하기").click()
    expect(page.get_by_text("결정을 기록했습니다")).to_be_visible()
    desk.get_by_role("button", name="전체 과제").click()
    desk.get_by_role("button", name="흉부", exact=True).click()
    part(desk, "조정 판독")
    expect(desk.locator("tbody")).to_contain_text("놓친 소견이 있음")
    both_languages(desk, "project-adjudication")
    found = hospital.signed_in(lead).get(f"/api/projects/{project_id}/adjudications").json()["adjudications"]
    assert sorted(one["state"] for one in found) == ["decided"] + ["needed"] * (FILMS - 1)
    page.close()
    desk.close()


def _read_blind(page: Page) -> None:
    """The adjudicator's own reading, like any reader's; nothing of others is there."""
    ready(page)
    assert "김영상" not in page.content()
    page.keyboard.press("1")
    page.get_by_role("button", name="제출하고 다음").click()
    page.get_by_role("heading", name="조정 판독", exact=True).wait_for()
