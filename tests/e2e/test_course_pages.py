"""A labeler goes through a course and its exam, and a trainer opens it and looks at the result, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.served_ward import ServedWard, both_languages, part, served_ward
from fakes.teaching import CODE, course_words, gold_project, labeler, truth_of_image
from playwright.sync_api import Browser, Page, expect

from node.flows.courses import write_draft
from node.readers.person import Person
from node.readers.roles import Role
from node.teaching.course import Course
from node.teaching.course_shelf import shipped_courses

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[ServedWard]:
    with served_ward(tmp_path) as ward:
        yield ward


def written(ward: ServedWard) -> None:
    """The small course under the title and with the drawings of the shipped one."""
    shipped = shipped_courses()["chest-film"].model_dump(mode="json")
    words = course_words(probation_days=60)
    words["title"] = shipped["title"]
    words["modules"][0]["title"] = shipped["modules"][0]["title"]
    words["modules"][0]["blocks"][0:1] = shipped["modules"][0]["blocks"][0:3]
    words["exam"]["quizzes"] = shipped["exam"]["quizzes"][1:2]
    write_draft(ward.hospital.ward, Course.model_validate(words), ward.hospital.act())


def test_a_course_from_its_gold_to_a_confirmed_certificate(browser: Browser, ward: ServedWard) -> None:
    hospital = ward.hospital
    gold_project(hospital, labelers=True)
    written(ward)
    trainer, learner = hospital.person("교육 담당", Role.TRAINER), labeler(hospital)
    _open(browser, ward, trainer)
    page = ward.enter(browser, learner)
    page.get_by_role("button", name="교육", exact=True).click()
    both_languages(page, "courses")
    page.get_by_role("button", name="과정으로 가기").click()
    _learn(page)
    both_languages(page, "course-module")
    page.get_by_role("button", name="시험 시작").click()
    _examine(page)
    expect(page.locator("main")).to_contain_text("합격")
    both_languages(page, "exam-result")
    _confirm(browser, ward, trainer)
    page.get_by_role("button", name="← 모든 교육 과정").click()
    part(page, "내 시험 결과")
    expect(page.locator("main")).to_contain_text("교육 담당자가 결과를 열람한 때")
    page.close()


def _open(browser: Browser, ward: ServedWard, trainer: Person) -> None:
    page = ward.enter(browser, trainer)
    row = page.locator("tbody tr", has_text="chest-film-abnormal")
    expect(row).to_contain_text("부족함")
    row.get_by_role("button").click()
    page.get_by_label("가져올 과제").select_option(index=1)
    page.get_by_role("button", name="기준 증례 가져오기").click()
    expect(row).to_contain_text("충분함")
    both_languages(page, "teaching")
    page.get_by_role("button", name="초안 열기").click()
    expect(page.locator("main .news")).to_contain_text("이제 이 판으로 교육합니다")
    page.close()


def _learn(page: Page) -> None:
    page.get_by_role("button", name="공기", exact=True).click()
    page.get_by_role("button", name="말", exact=True).first.click()
    expect(page.locator(".told")).to_have_count(2)
    for _ in range(2):
        page.get_by_role("button", name="영상 증례 보기").first.click()
        page.locator(".received + fieldset:enabled button").first.click()
        expect(page.locator(".received + fieldset:disabled")).not_to_have_count(0)
    expect(page.locator(".told")).to_have_count(4)
    expect(page.get_by_role("button", name="시험 시작")).to_be_enabled()


def _examine(page: Page) -> None:
    numbers = page.locator("nav.numbers button")
    expect(numbers).to_have_count(5)
    for place in range(5):
        numbers.nth(place).click()
        picture = page.locator(".exam .received img")
        if picture.count() == 0:
            page.get_by_role("button", name="흉수", exact=True).click()
            both_languages(page, "exam-question")
        else:
            known = truth_of_image(str(picture.get_attribute("src")).split("/images/")[1].split("/")[0])
            words = {"present": "이상 소견 있음", "absent": "이상 소견 없음"}[known]
            page.locator(".exam fieldset").get_by_role("button", name=words).click()
        expect(numbers.nth(place)).to_contain_text("✓")
    page.get_by_role("button", name="제출", exact=True).click()


def _confirm(browser: Browser, ward: ServedWard, trainer: Person) -> None:
    page = ward.enter(browser, trainer)
    part(page, "개인별 결과")
    page.get_by_role("button", name="결과 열람").click()
    page.get_by_role("button", name="수료증 확인").wait_for()
    both_languages(page, "teaching-person")
    page.get_by_role("button", name="수료증 확인").click()
    expect(page.locator("main .news")).to_contain_text("수습 기간이 끝났습니다")
    page.close()


def test_the_shipped_course_says_what_gold_it_needs(browser: Browser, ward: ServedWard) -> None:
    page = ward.enter(browser, ward.hospital.person("교육 담당", Role.TRAINER))
    page.get_by_role("button", name="흉부 X선 보기", exact=False).click()
    expect(page.locator("main")).to_contain_text("폐렴")
    expect(page.get_by_role("button", name="초안 열기")).to_be_disabled()
    both_languages(page, "teaching-shipped")
    assert CODE not in page.content()
    page.close()
