"""A month of pay in a real browser: the rate card, what readers see, closing, statements, counter-entries, fairness."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from e2e.browsing import settled
from e2e.served_ward import ServedWard, both_languages, part, served_ward
from fakes.hospital import read_one
from playwright.sync_api import Browser, expect

from node.readers.person import Person
from node.readers.roles import Role

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
READERS = 5
NEXT_MONTH = datetime(2026, 4, 5, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def ward(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedWard]:
    with served_ward(tmp_path_factory.mktemp("pay")) as ward:
        yield ward


@pytest.fixture(scope="module")
def readers(ward: ServedWard) -> list[Person]:
    ward.hospital.project(films=2, reads_per_case=READERS, payer="한빛 AI")
    return [ward.hospital.reader(f"판독의 {number}", department="radiology") for number in range(1, READERS + 1)]


def test_a_month_goes_from_the_rate_to_a_counter_entry(
    browser: Browser, ward: ServedWard, readers: list[Person]
) -> None:
    payer = ward.hospital.person("기금 담당", Role.FUND_HOLDER)
    _set_rate(browser, ward, payer)
    for reader in readers:
        reading = ward.hospital.signed_in(reader)
        while read_one(reading):
            pass
    own = ward.enter(browser, readers[0])
    own.get_by_role("button", name="내 정산", exact=True).click()
    expect(own.locator("main")).to_contain_text("5,001 KRW")
    both_languages(own, "pay-own-running")
    own.close()
    ward.hospital.clock.at = NEXT_MONTH
    _say_categories(ward, readers)
    _close(browser, ward, payer)
    _see_statement(browser, ward, readers)
    _see_fairness(browser, ward)


def _set_rate(browser: Browser, ward: ServedWard, payer: Person) -> None:
    page = ward.enter(browser, payer)
    part(page, "단가")
    expect(page.locator("main")).to_contain_text("지급되지 않습니다")
    page.locator("summary", has_text="새 단가표").click()
    line = page.get_by_role("form", name="줄 추가")
    line.get_by_label("난이도").select_option("hard")
    line.get_by_label("금액").fill("3,000")
    line.get_by_role("button", name="줄 추가").click()
    page.get_by_label("판독 1건의 기본 단가").fill("2500.5")
    both_languages(page, "pay-rates")
    page.get_by_role("button", name="단가표 적용").click()
    expect(page.locator("main")).to_contain_text("판독 1건에 2,500.5 KRW")
    page.close()


def _say_categories(ward: ServedWard, readers: list[Person]) -> None:
    it = ward.hospital.signed_in(ward.hospital.person("전산 담당", Role.IT))
    for reader in readers:
        body = {"category": "business", "since": "2026-01-01"}
        assert it.put(f"/api/people/{reader.person_id}/payment-category", json=body).status_code == 204


def _close(browser: Browser, ward: ServedWard, payer: Person) -> None:
    page = ward.enter(browser, payer)
    expect(page.locator("main")).to_contain_text("2026년 3월")
    expect(page.locator("tbody")).to_contain_text("25,005 KRW")
    page.get_by_label("합계를 확인했습니다").check()
    both_languages(page, "pay-month-open")
    page.get_by_role("button", name="2026년 3월 마감").click()
    page.get_by_role("button", name="정산서 1 열기").click()
    page.get_by_label("금액(KRW). 빼려면 앞에 −").fill("-500")
    page.get_by_role("combobox", name="사유").select_option("wrong-rate")
    both_languages(page, "pay-statement")
    page.get_by_role("button", name="정정 항목 넣기").click()
    expect(page.locator("article .news")).to_contain_text("-500 KRW")
    page.close()


def _see_statement(browser: Browser, ward: ServedWard, readers: list[Person]) -> None:
    """Exactly one reader was looked at; their page says so and holds the counter-entry."""
    told = [ward.hospital.signed_in(reader).get("/api/pay/own").json()["looks"] for reader in readers]
    seen = next(reader for reader, looks in zip(readers, told, strict=True) if looks)
    page = ward.enter(browser, seen)
    page.get_by_role("button", name="내 정산", exact=True).click()
    settled(page)
    expect(page.locator("main")).to_contain_text("내 정산서를 연 기록")
    expect(page.locator("main")).to_contain_text("정정 항목: 단가 오류")
    both_languages(page, "pay-own-closed")
    with page.expect_download() as download:
        page.get_by_role("link", name="서명된 정산서(CSV)").click()
    assert download.value.suggested_filename.endswith(".csv")
    page.close()
    assert sum(map(bool, told)) == 1


def _see_fairness(browser: Browser, ward: ServedWard) -> None:
    page = ward.enter(browser, ward.hospital.person("과제 책임자", Role.LEAD))
    page.get_by_role("button", name="흉부", exact=True).click()
    part(page, "정산")
    expect(page.locator("tbody").last).to_contain_text("720,144 KRW")
    both_languages(page, "project-pay")
    page.close()
