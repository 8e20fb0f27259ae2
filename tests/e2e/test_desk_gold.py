"""Gold from a file, verdicts, an objection and its decision; and the two buttons answered, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from e2e.served_ward import ServedWard, both_languages, part, served_ward
from fakes.hospital import film, read_one
from playwright.sync_api import Browser, FilePayload, expect

from node.flows.deal_out import deal_out_due
from node.readers.person import Person
from node.readers.roles import Role

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[ServedWard]:
    with served_ward(tmp_path) as ward:
        yield ward


def _file(text: str) -> FilePayload:
    return {"name": "gold.csv", "mimeType": "text/csv", "buffer": text.encode()}


def test_gold_from_a_file_a_verdict_an_objection_and_its_decision(browser: Browser, ward: ServedWard) -> None:
    hospital = ward.hospital
    hospital.clock.at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    lead, reader = hospital.person("과제 책임자", Role.LEAD), hospital.reader("김영상")
    hospital.project(films=3, reads_per_case=1)
    hospital.originals.image_of_uid = {"1.2.1": film(1).image_id, "1.2.2": film(2).image_id}
    _upload(browser, ward, lead)
    reading = hospital.signed_in(reader)
    while read_one(reading, "present"):
        pass
    hospital.clock.at = datetime(2026, 4, 2, 9, tzinfo=UTC)
    own = ward.enter(browser, reader)
    own.get_by_role("button", name="기준 증례 결과", exact=True).click()
    expect(own.locator("main")).to_contain_text("2건 가운데 1건이 기준과 같습니다")
    wrong = own.locator("tbody tr", has_text="기준과 다름")
    wrong.get_by_text("이의 제기").click()
    wrong.get_by_label("이의 사유").select_option("gold-wrong")
    both_languages(own, "gold-verdicts")
    wrong.get_by_role("button", name="이의 보내기").click()
    expect(wrong).to_contain_text("과제 책임자가 이의를 검토하고 있습니다")
    desk = ward.enter(browser, lead)
    desk.get_by_role("button", name="흉부", exact=True).click()
    part(desk, "기준 증례")
    expect(desk.locator("tbody")).to_contain_text("기준이 틀림")
    assert "김영상" not in desk.content()
    both_languages(desk, "project-gold")
    desk.get_by_role("button", name="이의 인정").click()
    expect(desk.locator("tbody")).to_contain_text("인정됨")
    own.get_by_role("button", name="다음 달").wait_for()
    own.get_by_role("button", name="내 정산", exact=True).click()
    own.get_by_role("button", name="기준 증례 결과", exact=True).click()
    expect(own.locator("main")).to_contain_text("이의가 인정되어")
    own.close()
    desk.close()


def _upload(browser: Browser, ward: ServedWard, lead: Person) -> None:
    page = ward.enter(browser, lead)
    page.get_by_role("button", name="흉부", exact=True).click()
    part(page, "기준 증례")
    page.get_by_label("파일 고르기(CSV)").set_input_files(_file("1.2.1,present\n1.2.2,maybe\n"))
    expect(page.get_by_role("alert")).to_contain_text("2번째 줄")
    expect(page.get_by_role("button", name="이 증례를 기준으로 지정")).to_be_disabled()
    page.get_by_label("파일 고르기(CSV)").set_input_files(_file("uid,option\n1.2.1,present\n"))
    expect(page.get_by_role("alert")).to_contain_text("1번째 줄")
    rows = "SOPInstanceUID,option\n1.2.1,present\n1.2.2,absent\n1.2.9,absent\n"
    page.get_by_label("파일 고르기(CSV)").set_input_files(_file(rows))
    page.get_by_role("button", name="이 증례를 기준으로 지정").click()
    expect(page.locator("main .news")).to_contain_text("기준 증례: 2건, 이 과제에 없는 줄: 1개")
    page.close()


def test_a_reader_sees_how_well_they_agree_with_themselves(browser: Browser, ward: ServedWard) -> None:
    hospital = ward.hospital
    hospital.clock.at = datetime(2026, 3, 10, 9, tzinfo=UTC)
    reader, project_id = hospital.reader("이영상"), hospital.project(films=50, reads_per_case=1)
    lead = hospital.signed_in(hospital.person("과제 책임자", Role.LEAD))
    lead.put(f"/api/projects/{project_id}/repeats", json={"share": 0.2, "after_days": 1})
    reading = hospital.signed_in(reader)
    while read_one(reading, "present"):
        pass
    hospital.clock.forward(days=2)
    deal_out_due(hospital.ward, hospital.act())
    reading = hospital.signed_in(reader)
    again = [read_one(reading, option) for option in ["present"] * 7 + ["absent"] * 3]
    assert (len(set(again)), read_one(reading)) == (10, None)
    hospital.clock.forward(days=7)
    page = ward.enter(browser, reader)
    page.get_by_role("button", name="기준 증례 결과", exact=True).click()
    row = page.locator("tbody tr", has_text="흉부")
    expect(row).to_contain_text("0.70")
    expect(row.locator("td").nth(2)).to_have_text("10")
    both_languages(page, "own-agreement")
    page.close()


def test_the_named_clinician_answers_what_a_reader_raised(browser: Browser, ward: ServedWard) -> None:
    hospital = ward.hospital
    hospital.project(films=5, reads_per_case=1)
    reading = hospital.signed_in(hospital.reader("박흉부"))
    for kind in ("needs-attention", "identity-visible"):
        place = reading.post("/api/assignments", json={}).json()["assignment_id"]
        assert reading.post(f"/api/assignments/{place}/concern", json={"kind": kind}).status_code == 204
        reading.post(f"/api/assignments/{place}/decline", json={"reason": "no-time"})
    hospital.clock.forward(hours=2)
    clinician = ward.enter(browser, hospital.person("담당 임상의", Role.CLINICIAN))
    clinician.get_by_role("heading", name="확인 요청", exact=True).wait_for()
    expect(clinician.get_by_role("note")).to_contain_text("1건")
    assert "환자 신원 노출" not in clinician.content()
    clinician.get_by_role("combobox", name="결과").select_option("patient-called")
    both_languages(clinician, "concerns-clinician")
    clinician.get_by_role("button", name="처리 완료", exact=True).click()
    expect(clinician.locator("tbody")).to_contain_text("환자에게 연락함")
    both_languages(clinician, "concerns-closed")
    for name, role in (("데이터 책임", Role.STEWARD), ("전산 담당", Role.IT)):
        page = ward.enter(browser, hospital.person(name, role))
        page.get_by_role("button", name="확인 요청", exact=True).click()
        expect(page.locator("main")).to_contain_text("환자 신원 노출")
        both_languages(page, f"concerns-{role.value}")
        page.close()
    clinician.close()
