"""The site's policy of de-identification over HTTP: in words for those who answer for it, never changed there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.hospital import Hospital

from node.deidentify.policy import DEFAULT, EDITION, Dates, in_words, method_codes
from node.ground.texts import Language
from node.readers.roles import Role

ROUTE = "/api/deidentification"


@pytest.mark.parametrize("role", [Role.STEWARD, Role.IT, Role.ETHICS, Role.AUDITOR])
def test_who_answers_for_the_policy_reads_it_in_both_languages_with_its_edition_and_codes(
    hospital: Hospital, role: Role
) -> None:
    said = hospital.signed_in(hospital.person("담당자", role)).get(ROUTE).json()
    assert said["edition"] == EDITION
    assert [sentence["en"] for sentence in said["sentences"]] == in_words(DEFAULT, Language.EN)
    assert [sentence["ko"] for sentence in said["sentences"]] == in_words(DEFAULT, Language.KO)
    assert [(one["code"], one["meaning"]) for one in said["codes"]] == list(method_codes(DEFAULT))


def test_the_page_says_the_policy_in_force(hospital: Hospital) -> None:
    chosen = replace(DEFAULT, dates=Dates.REMOVED, descriptors=True)
    hospital.app.state.parts = replace(hospital.app.state.parts, policy=chosen)
    said = hospital.signed_in(hospital.person("관리자", Role.STEWARD)).get(ROUTE).json()
    assert [one["code"] for one in said["codes"]] == ["113100", "113105", "113108"]
    assert said["sentences"][1]["en"] == "Dates: none stays."


@pytest.mark.parametrize("method", ["PUT", "POST", "PATCH", "DELETE"])
def test_nobody_changes_the_policy_over_http(hospital: Hospital, method: str) -> None:
    steward = hospital.signed_in(hospital.person("관리자", Role.STEWARD))
    assert steward.request(method, ROUTE, json={"dates": "full"}).status_code in {404, 405}


def test_a_reader_does_not_read_it(hospital: Hospital) -> None:
    assert hospital.signed_in(hospital.person("판독의", Role.READER)).get(ROUTE).status_code == 403
