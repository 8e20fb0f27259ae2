"""The shortest way to a frame gives the bytes of the long one, to the same people, and leaves everything else to it."""

from __future__ import annotations

import os

import numpy as np
import pytest
from fakes.dicomweb import ImageHouse
from fakes.dicomweb_door import WEB, Door
from fakes.dicomweb_short import Counted
from fakes.instances import dataset, dicom_file
from pydicom.uid import RLELossless
from sqlalchemy import insert, select, text

from node.intake.part10 import opened
from node.readers.roles import Role
from node.storage.engine import writing
from node.storage.intake_tables import PATIENT, TOMBSTONE

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)
OCTETS = 'multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1'
STORED = 'multipart/related; type="*/*"; transfer-syntax=*'


def ramp(house: ImageHouse, syntax: str | None = None, frames: int = 3) -> None:
    image = dataset()
    image.NumberOfFrames = frames
    image.PixelData = b"".join((RAMP - number).tobytes() for number in range(frames))
    if syntax is not None:
        image.compress(syntax, generate_instance_uid=False)
    house.receive(opened(dicom_file(image)))


def test_the_first_look_is_written_and_every_later_one_is_short(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    for _ in range(3):
        for number in range(3):
            answer = quick.get(f"{path}/frames/{number + 1}", "application/octet-stream")
            assert answer.content == (RAMP - number).tobytes()
    assert counted.answered == [False] + [True] * 8
    with quick.hospital.ward.reading() as work:
        looks = [event for event in work.audit.latest(50) if event.action == "images.retrieved"]
    assert [event.subject for event in looks] == [f"study:{path.split('/')[2]}"]
    quick.hospital.clock.forward(minutes=16)
    assert quick.get(f"{path}/frames/1", OCTETS).status_code == 200
    assert counted.answered[-1] is False


def test_a_multipart_on_the_short_way_is_the_long_ones_but_for_the_boundary(quick: Door, counted: Counted) -> None:
    ramp(quick.house, RLELossless)
    (path,) = quick.paths()
    whole = []
    for _ in range(2):
        answer = quick.get(f"{path}/frames/2", STORED)
        boundary = answer.headers["content-type"].partition("boundary=")[2]
        headers = {name: value for name, value in answer.headers.items() if name != "content-type"}
        whole.append((answer.status_code, headers, answer.content.replace(boundary.encode(), b"B")))
    assert counted.answered == [False, True]
    assert whole[0] == whole[1]


@pytest.mark.parametrize(
    ("frames", "accept", "status"),
    [
        ("4", OCTETS, 404),
        ("0", OCTETS, 404),
        ("01", OCTETS, 404),
        ("1,2", OCTETS, 200),
        ("99999999", OCTETS, 404),
        ("²", OCTETS, 404),
        ("1", "image/jpeg", 406),
        ("1", "text/html", 406),
    ],
)
def test_what_is_not_one_frame_of_a_form_is_left_to_the_route(
    quick: Door, counted: Counted, frames: str, accept: str, status: int
) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    quick.get(f"{path}/frames/1", OCTETS)
    assert quick.get(f"{path}/frames/{frames}", accept).status_code == status
    assert not any(counted.answered)


def test_a_compressed_frame_that_is_wanted_as_values_is_left_to_the_route(quick: Door, counted: Counted) -> None:
    ramp(quick.house, RLELossless)
    (path,) = quick.paths()
    for _ in range(2):
        assert quick.get(f"{path}/frames/1", "application/octet-stream").content == RAMP.tobytes()
    assert counted.answered == [False, False]


def test_who_opts_out_is_gone_with_the_next_request(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    assert [quick.get(f"{path}/frames/1", OCTETS).status_code for _ in range(2)] == [200, 200]
    with writing(quick.house.ground.engine) as connection:
        lookup = connection.scalar(select(PATIENT.c.patient_lookup))
        values = {"patient_lookup": lookup, "recorded_at": quick.hospital.clock.now()}
        connection.execute(insert(TOMBSTONE).values(values))
    assert quick.get(f"{path}/frames/1", OCTETS).status_code == 404
    assert counted.answered == [False, True, False]


def test_an_instance_is_not_had_under_another_study_or_series(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    quick.get(f"{path}/frames/1", OCTETS)
    _, _, study, _, series, _, instance = path.split("/")
    for wrong in (f"/studies/2.25.1/series/{series}", f"/studies/{study}/series/2.25.1"):
        assert quick.get(f"{wrong}/instances/{instance}/frames/1", OCTETS).status_code == 404
    assert not any(counted.answered)


def test_who_may_not_see_it_gets_no_byte_on_the_short_way(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    quick.get(f"{path}/frames/1", OCTETS)
    hospital, address = quick.hospital, f"{WEB}{path}/frames/1"
    assert hospital.browser().get(address).status_code == 401
    assert hospital.signed_in(hospital.reader("판독의")).get(address).status_code == 403
    assert hospital.machine(Role.IT).get(address).status_code == 403
    assert counted.answered == [False]
    octets = {"Accept": "application/octet-stream"}
    assert hospital.machine(Role.LEAD).get(address, headers=octets).content == RAMP.tobytes()


def test_a_file_that_is_cut_off_or_gone_is_no_short_answer(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    quick.get(f"{path}/frames/1", OCTETS)
    (file,) = [one for one in quick.house.ground.home.clean.rglob("*") if one.is_file()]
    os.truncate(file, file.stat().st_size - 600)
    assert quick.get(f"{path}/frames/3", OCTETS).status_code == 404
    file.unlink()
    assert quick.get(f"{path}/frames/1", OCTETS).status_code == 404
    assert not any(counted.answered)


def test_a_database_that_is_locked_is_waited_for_on_the_long_way(quick: Door, counted: Counted) -> None:
    ramp(quick.house)
    (path,) = quick.paths()
    quick.get(f"{path}/frames/1", OCTETS)
    with writing(quick.house.ground.engine) as connection:  # readers wait for no writer
        connection.execute(text("DELETE FROM clean_instance"))
        assert quick.get(f"{path}/frames/1", OCTETS).status_code == 200
        connection.rollback()
    assert counted.answered == [False, True]
