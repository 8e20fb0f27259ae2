"""People as IT looks after them, in a real browser: an application from the sign-in page, licences, standing, codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from e2e.browsing import blank_page, serious, settled
from e2e.served_ward import ServedWard, both_languages, part, served_ward, whole
from playwright.sync_api import Browser, Page, expect

from node.flows.people import set_licence
from node.readers.licence import NewLicence
from node.readers.roles import Role

NUMBERS = count(1)
pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWard]:
    with served_ward(tmp_path_factory.mktemp("people")) as ward:
        yield ward


@pytest.fixture
def it(browser: Browser, ward: ServedWard) -> Iterator[Page]:
    page = ward.enter(browser, ward.hospital.person(f"전산 담당 {next(NUMBERS)}", Role.IT))
    page.get_by_role("button", name="구성원", exact=True).click()
    page.get_by_role("heading", name="구성원", exact=True).wait_for()
    yield page
    page.close()


def test_a_specialist_applies_and_it_takes_or_refuses(browser: Browser, ward: ServedWard, it: Page) -> None:
    for name in ("한지원", "정다른"):
        _apply(browser, ward, name)
    it.reload()
    it.get_by_role("button", name="구성원", exact=True).click()
    card = it.locator("article", has_text="한지원")
    take = card.get_by_role("button", name="판독의로 받기")
    expect(take).to_be_disabled()
    card.get_by_label("유효일").fill("2027-02-29")
    expect(card.get_by_role("alert")).to_contain_text("없는 날짜입니다")
    card.get_by_label("유효일").fill("2027-02-28")
    card.get_by_label("두 번호를 원본과 대조했습니다").check()
    both_languages(it, "people-applications")
    take.click()
    expect(it.get_by_role("status").filter(has_text="한 번만 표시")).to_contain_text("한지원 님의 로그인 코드")
    both_languages(it, "people-code")
    other = it.locator("article", has_text="정다른")
    other.get_by_role("combobox", name="사유").select_option("specialty-not-needed")
    other.get_by_role("button", name="거절", exact=True).click()
    expect(it.locator("main")).to_contain_text("기다리는 신청이 없습니다")
    part(it, "전체")
    expect(it.locator("tbody")).to_contain_text("한지원")
    assert "정다른" not in it.content()


def _apply(browser: Browser, ward: ServedWard, name: str) -> None:
    page = blank_page(browser)
    page.goto(ward.address)
    page.get_by_text("전문의로서 이곳에서 판독하고 싶으십니까?").click()
    page.get_by_label("이름", exact=True).fill(name)
    page.get_by_label("진료과").select_option("radiology")
    page.get_by_label("면허 번호").fill("12345")
    page.get_by_label("전문의 자격 번호").fill("6789")
    settled(page)
    whole(page, "apply-ko")
    assert serious(page) == []
    page.get_by_role("button", name="신청 보내기").click()
    expect(page.locator("main")).to_contain_text("신청을 보냈습니다")
    page.close()


def test_a_licence_that_ends_soon_is_warned_of_and_verified_anew(ward: ServedWard, it: Page) -> None:
    hospital = ward.hospital
    today = hospital.clock.now().date()
    for name, days in (("곧 끝남", 30), ("멀었음", 400)):
        reader = hospital.reader(name, department="radiology")
        licence = NewLicence("777", "888", today + timedelta(days=days))
        set_licence(hospital.ward, reader.person_id, licence, hospital.act())
    hospital.reader("미확인", verified=False)
    it.reload()
    it.get_by_role("button", name="구성원", exact=True).click()
    part(it, "면허")
    expect(it.get_by_role("note")).to_contain_text("60일 안에 끝나는 면허: 1건")
    expect(it.locator("tbody tr").first).to_contain_text("30일 뒤 만료")
    it.get_by_role("button", name="면허 확인 곧 끝남").click()
    both_languages(it, "people-licences")
    it.get_by_label("유효일").fill((today + timedelta(days=800)).strftime("%Y. %m. %d."))
    it.get_by_label("두 번호를 원본과 대조했습니다").check()
    it.get_by_role("button", name="이날까지 확인").click()
    expect(it.locator("main .news")).to_contain_text("곧 끝남 님의 면허를 확인했습니다")
    expect(it.get_by_role("note")).to_have_count(0)
    it.get_by_role("button", name="면허 확인 취소").click()
    expect(it.locator("main .news")).to_contain_text("취소했습니다")


def test_somebody_is_stopped_let_in_again_and_paid_as_said(ward: ServedWard, it: Page) -> None:
    ward.hospital.reader("나판독", department="radiology")
    it.reload()
    it.get_by_role("button", name="구성원", exact=True).click()
    part(it, "전체")
    row = it.locator("tbody tr", has_text="나판독")
    expect(row).to_contain_text("정해지지 않음")
    it.get_by_role("button", name="변경 나판독").click()
    it.get_by_role("combobox", name="구분").select_option("business")
    it.get_by_role("button", name="구분 정하기").click()
    expect(row).to_contain_text("사업소득")
    both_languages(it, "people-everyone")
    for name, state in (("중지", "중지"), ("다시 허용", "활동")):
        it.get_by_role("button", name=name, exact=True).click()
        expect(row).to_contain_text(state)
    it.get_by_role("button", name="코드 만들기").click()
    expect(it.get_by_role("status").filter(has_text="한 번만 표시")).to_be_visible()


def test_it_adds_a_specialty_and_somebody_of_it(it: Page) -> None:
    part(it, "진료과")
    it.get_by_label("목록").fill("dental, 치과, Dentistry")
    it.get_by_role("button", name="추가", exact=True).click()
    expect(it.locator("tbody")).to_contain_text("Dentistry")
    both_languages(it, "people-departments")
    part(it, "전체")
    it.get_by_label("이름").fill("새치과")
    it.get_by_label("판독의", exact=True).check()
    it.get_by_role("combobox", name="진료과").select_option("dental")
    it.get_by_role("button", name="추가", exact=True).click()
    row = it.locator("tbody tr", has_text="새치과")
    expect(row).to_contain_text("치과")
    expect(row).to_contain_text("판독의")
    it.get_by_role("button", name="변경 새치과").click()
    it.get_by_role("button", name="코드 만들기").click()
    expect(it.get_by_role("status").filter(has_text="한 번만 표시")).to_be_visible()


def test_a_labeler_signs_and_a_trainer_opens_a_task_until_a_day(browser: Browser, ward: ServedWard) -> None:
    labeler = ward.hospital.person("이라벨", Role.LABELER)
    desk = ward.enter(browser, ward.hospital.person("교육 담당", Role.TRAINER))
    desk.get_by_role("button", name="라벨링 작업자", exact=True).click()
    expect(desk.locator("tbody")).to_contain_text("서약하지 않음")
    page = ward.enter(browser, labeler)
    page.get_by_role("button", name="내 수료증", exact=True).click()
    page.get_by_label("읽었으며 지키겠습니다").check()
    both_languages(page, "labeler-pledge")
    page.get_by_role("button", name="서약하기").click()
    expect(page.locator("main")).to_contain_text("아직 수료증이 없습니다")
    desk.get_by_role("button", name="수료증 발급 이라벨").click()
    desk.get_by_role("combobox", name="작업").select_option("chest-film-abnormal")
    desk.get_by_label("유효일").fill((ward.hospital.clock.now().date() + timedelta(days=40)).isoformat())
    desk.get_by_role("button", name="수료증 발급", exact=True).click()
    expect(desk.locator("main .news")).to_contain_text("이라벨 님의 수료증을 발급했습니다")
    both_languages(desk, "trainer-labelers")
    page.reload()
    page.get_by_role("button", name="내 수료증", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("이상 소견 유무")
    both_languages(page, "labeler-certificates")
    desk.get_by_role("button", name="취소 이라벨").click()
    expect(desk.locator("tbody")).not_to_contain_text("까지")
    page.close()
    desk.close()
