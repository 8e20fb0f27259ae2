"""The shortest way to a series' instances and metadata gives what the long one gives, to the same people."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from fakes.dicomweb import ImageHouse
from fakes.dicomweb_door import WEB, Door
from fakes.dicomweb_short import Counted
from fakes.instances import dataset, dicom_file
from pydicom import Dataset, dcmread
from sqlalchemy import insert, select, update

from node.intake.part10 import opened
from node.readers.roles import Role
from node.storage.engine import writing
from node.storage.header_tables import CLEAN_INSTANCE
from node.storage.intake_tables import PATIENT, TOMBSTONE


def slices(house: ImageHouse, count: int) -> None:
    """So many slices of one series, the last first, with a text that JSON has to escape."""
    for number in range(count, 0, -1):
        image = dataset(f"1.2.3.4.{number}")
        image.InstanceNumber, image.SeriesNumber = number, 5
        image.SpecificCharacterSet, image.ImageComments = "ISO_IR 192", 'chest "\\\n 흉부'
        house.receive(opened(dicom_file(image)))


def listing(door: Door, counted: Counted) -> str:
    """The path of the instances of the only series; what is counted from here on are searches of it."""
    counted.counts = "{series_uid}/instances"
    (path,) = {path.rpartition("/")[0] for path in door.paths()}
    counted.answered.clear()
    return path


def test_a_search_of_a_series_is_the_same_on_both_ways(quick: Door, counted: Counted) -> None:
    slices(quick.house, 3)
    path = listing(quick, counted)
    first, second = (quick.get(path) for _ in range(2))
    assert counted.answered == [False, True]
    assert (first.content, first.headers) == (second.content, second.headers)
    assert [Dataset.from_json(one).InstanceNumber for one in second.json()] == [1, 2, 3]
    assert second.json() == quick.get(path, limit=50).json()
    assert all(one["00081190"]["Value"][0].startswith(f"http://node.test{WEB}{path}/") for one in second.json())


def test_what_a_search_tells_is_what_pydicom_makes_of_the_clean_file(quick: Door, counted: Counted) -> None:
    slices(quick.house, 2)
    path = listing(quick, counted)
    quick.get(path)
    found = quick.get(path).json()
    assert counted.answered[-1] is True
    for one in found:
        uid = one["00080018"]["Value"][0]
        whole = dcmread(BytesIO(quick.get(f"{path}/{uid}", "application/dicom").content)).to_json_dict()
        told = {tag: value for tag, value in one.items() if tag not in {"00080056", "00081190"}}
        assert told == {tag: whole[tag] for tag in told}


@pytest.mark.parametrize(
    ("query", "status"),
    [({"limit": 1}, 200), ({"InstanceNumber": "2"}, 200), ({"includefield": "all"}, 200), ({"limit": "none"}, 400)],
)
def test_a_search_with_a_key_is_left_to_the_route(
    quick: Door, counted: Counted, query: dict[str, Any], status: int
) -> None:
    slices(quick.house, 2)
    path = listing(quick, counted)
    quick.get(path)
    assert quick.get(path, **query).status_code == status
    assert not any(counted.answered)


def test_a_search_that_finds_nothing_or_in_no_known_form_is_left_to_the_route(quick: Door, counted: Counted) -> None:
    slices(quick.house, 1)
    path = listing(quick, counted)
    quick.get(path)
    assert quick.get(path, "text/html").status_code == 406
    other = path.replace("/series/2.25", "/series/2.26")
    assert [quick.get(other).json() for _ in range(2)] == [[], []]
    assert not any(counted.answered)


def test_who_opts_out_is_in_no_search_of_a_series_from_then_on(quick: Door, counted: Counted) -> None:
    slices(quick.house, 2)
    path = listing(quick, counted)
    assert [len(quick.get(path).json()) for _ in range(2)] == [2, 2]
    with writing(quick.house.ground.engine) as connection:
        lookup = connection.scalar(select(PATIENT.c.patient_lookup))
        values = {"patient_lookup": lookup, "recorded_at": quick.hospital.clock.now()}
        connection.execute(insert(TOMBSTONE).values(values))
    assert quick.get(path).json() == []
    assert counted.answered == [False, True, False]


def test_who_may_not_search_gets_no_byte_on_the_short_way(quick: Door, counted: Counted) -> None:
    slices(quick.house, 1)
    path = listing(quick, counted)
    quick.get(path)
    hospital, address = quick.hospital, f"{WEB}{path}"
    assert hospital.browser().get(address).status_code == 401
    assert hospital.signed_in(hospital.reader("판독의")).get(address).status_code == 403
    assert hospital.machine(Role.IT).get(address).status_code == 403
    assert counted.answered == [False]
    assert len(hospital.machine(Role.LEAD).get(address).json()) == 1
    with hospital.ward.reading() as work:
        looks = [event for event in work.audit.latest(50) if event.action == "images.searched"]
    assert len({event.actor for event in looks if event.subject != "images:all"}) == 2


def test_the_metadata_of_a_series_is_the_same_on_both_ways(quick: Door, counted: Counted) -> None:
    slices(quick.house, 3)
    series = listing(quick, counted).rpartition("/")[0]
    counted.counts = "{series_uid}/metadata"
    first, second = (quick.get(f"{series}/metadata") for _ in range(2))
    assert counted.answered == [False, True]
    assert (first.content, first.headers) == (second.content, second.headers)
    read = [Dataset.from_json(one, lambda *_: b"") for one in second.json()]
    assert [one.InstanceNumber for one in read] == [1, 2, 3]
    assert quick.get(f"{series}/metadata", "image/png").status_code == 406
    assert quick.get(f"{series.replace('2.25', '2.26')}/metadata").status_code == 404
    assert counted.answered[2:] == [False, False]


def test_a_series_with_much_metadata_is_left_to_the_route(quick: Door, counted: Counted) -> None:
    slices(quick.house, 2)
    series = listing(quick, counted).rpartition("/")[0]
    with writing(quick.house.ground.engine) as connection:
        connection.execute(update(CLEAN_INSTANCE).values(metadata=b'{"a":"' + b"x" * 5 * 2**20 + b'"}'))
    counted.counts = "{series_uid}/metadata"
    assert [len(quick.get(f"{series}/metadata").json()) for _ in range(2)] == [2, 2]
    assert counted.answered == [False, False]
