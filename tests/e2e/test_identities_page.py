"""Re-identification and tokens as people meet them: a real node, a real browser, both languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from e2e.browsing import blank_page, serious, settled, shoot
from e2e.node_process import NodeProcess, Signed
from e2e.one_image import node_with_one_image
from playwright.sync_api import Browser, Page, expect
from pydicom import dcmread

pytestmark = [pytest.mark.e2e, pytest.mark.screens, pytest.mark.timeout(300)]
HOSPITAL_NUMBER, STUDY = "H-00417", "1.2.410.99.7"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    home = tmp_path_factory.mktemp("identities") / "home"
    with node_with_one_image(home, "재식별 시험 병원", patient_id=HOSPITAL_NUMBER, study=STUDY) as node:
        yield node


@pytest.fixture(scope="module")
def case_id(node: NodeProcess, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The case's name in the export of its project."""
    with Signed(node.address, node.add_person("과제 책임자", "lead")) as lead:
        new = {"title": "흉부", "schema_code": "chest-film-abnormal", "schema_version": 1}
        project = lead.json("POST", "/api/projects", new)["project_id"]
        lead.json("POST", f"/api/projects/{project}/cases", {"modalities": ["CR"]})
    folder = tmp_path_factory.mktemp("export") / "흉부"
    told = node.command("export", project, str(folder))
    assert (told["cases"], told["images"], told["missing"]) == (1, 1, 0)
    (found,) = [path for path in folder.iterdir() if path.is_dir()]
    image = dcmread(next(found.iterdir()))
    assert HOSPITAL_NUMBER not in str(image)
    assert STUDY not in str(image)
    return found.name


def _open(browser: Browser, node: NodeProcess, name: str, role: str, tab: str) -> Page:
    page = blank_page(browser)
    page.goto(node.address)
    page.get_by_label("일회용 로그인 코드").fill(node.add_person(name, role))
    page.get_by_role("button", name="코드로 로그인").click()
    page.get_by_role("button", name=tab, exact=True).click()
    page.get_by_role("heading", name=tab, exact=True).wait_for()
    return page


def test_two_people_let_one_of_them_know_the_patient_once(browser: Browser, node: NodeProcess, case_id: str) -> None:
    steward = _open(browser, node, "김책임", "steward", "재식별")
    steward.get_by_label("증례 이름").fill(case_id)
    steward.get_by_label("사유").select_option("clinical-attention")
    steward.get_by_role("button", name="환자 확인 요청").click()
    expect(steward.locator("tbody tr")).to_contain_text("윤리 심의 대기")
    shoot(steward, "reidentification-asked-ko")
    assert serious(steward) == []
    reviewer = _open(browser, node, "박심의", "ethics", "재식별")
    shoot(reviewer, "reidentification-review-ko")
    assert serious(reviewer) == []
    reviewer.get_by_role("button", name="승인", exact=True).click()
    expect(reviewer.locator("tbody tr")).to_contain_text("승인됨")
    steward.reload()
    steward.get_by_role("button", name="재식별", exact=True).click()
    steward.get_by_role("button", name="답 보기").click()
    expect(steward.get_by_role("status")).to_contain_text(HOSPITAL_NUMBER)
    expect(steward.get_by_role("status")).to_contain_text(STUDY)
    shoot(steward, "reidentification-answer-ko")
    assert serious(steward) == []
    steward.get_by_role("button", name="English").click()
    steward.get_by_role("button", name="Close").wait_for()
    shoot(steward, "reidentification-answer-en")
    steward.get_by_role("button", name="Close").click()
    expect(steward.locator("tbody tr")).to_contain_text("read once")
    assert HOSPITAL_NUMBER not in steward.content()
    assert HOSPITAL_NUMBER not in "".join(path.read_text(errors="ignore") for path in node.home.glob("logs/*"))


def test_it_makes_a_token_sees_it_once_and_revokes_it(browser: Browser, node: NodeProcess) -> None:
    page = _open(browser, node, "전산 둘", "it", "토큰")
    page.get_by_label("용도").fill("영상 뷰어 3")
    page.get_by_label("할 수 있는 일").select_option("lead")
    page.get_by_role("button", name="토큰 만들기").click()
    secret = page.get_by_role("status").locator(".code")
    secret.wait_for()
    shown = secret.inner_text()
    shoot(page, "tokens-made-ko")
    assert serious(page) == []
    page.get_by_role("button", name="English").click()
    page.get_by_role("button", name="Close").wait_for()
    shoot(page, "tokens-made-en")
    page.get_by_role("button", name="Close").click()
    settled(page)
    assert shown not in page.content()
    page.get_by_role("button", name="Revoke 영상 뷰어 3").click()
    expect(page.locator("tbody tr")).to_contain_text("revoked")
