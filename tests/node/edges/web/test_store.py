"""The store's standing is IT's to see: disk, marks, scrub, and what is damaged in both languages."""

from fakes.hospital import Hospital

from node.readers.roles import Role


def test_it_sees_disk_marks_scrub_and_damage(hospital: Hospital) -> None:
    person = hospital.person("전산", Role.IT)
    seen = hospital.signed_in(person).get("/api/store").json()
    assert (seen["used_percent"], seen["high_water_percent"], seen["low_water_percent"]) == (41.5, 90, 80)
    assert (seen["scrub"]["examined"], seen["scrub"]["damaged"], seen["scrub"]["ended_at"]) == (7, 1, None)
    (damaged,) = seen["damaged"]
    assert damaged["name"] == "f00d"
    assert damaged["what"] == {"ko": "저장한 데이터와 다릅니다", "en": "the bytes are not those that were stored"}


def test_a_reader_does_not(hospital: Hospital) -> None:
    assert hospital.signed_in(hospital.reader("판독의")).get("/api/store").status_code == 403
