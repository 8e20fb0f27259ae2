"""A labeler fetches the own certificate, and another hospital reads it."""

from fakes.hospital import IDENTITY, Hospital

from node.readers.roles import Role
from node.teaching.proof import read_certificate

TASK = "chest-film-abnormal"


def test_a_labeler_takes_along_what_holds_today_and_nothing_else(hospital: Hospital) -> None:
    labeler = hospital.person("라벨러", Role.LABELER)
    trainer = hospital.signed_in(hospital.person("교육", Role.TRAINER))
    path = f"/api/labelers/{labeler.person_id}/certificates/{TASK}"
    browser = hospital.signed_in(labeler)
    file = f"/api/certificates/own/{TASK}/file"
    assert browser.get(file).status_code == 404
    trainer.put(path, json={"valid_until": "2026-03-05"})
    assert [one["task"] for one in browser.get("/api/certificates/own").json()["certificates"]] == [TASK]
    answer = browser.get(file)
    assert "라벨러" not in answer.headers["content-disposition"]
    found = read_certificate(answer.content, IDENTITY.public.fingerprint, hospital.clock.now())
    assert (found.holder, found.hospital, found.valid_until) == ("라벨러", "예시병원", "2026-03-05")
    assert hospital.signed_in(hospital.person("다른 이", Role.LABELER)).get(file).status_code == 404
    hospital.clock.forward(days=4)
    later = hospital.signed_in(labeler)
    assert later.get(file).status_code == 404
    trainer = hospital.signed_in(hospital.person("교육 2", Role.TRAINER))
    assert trainer.put(path, json={"valid_until": "2026-09-02"}).status_code == 200
    assert later.get(file).status_code == 200
    trainer.delete(path)
    assert later.get(file).status_code == 404
