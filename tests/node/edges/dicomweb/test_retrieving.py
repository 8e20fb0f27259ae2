"""WADO-RS: whole objects, metadata, frames, pictures and long values of clean images."""

from __future__ import annotations

from email import message_from_bytes
from io import BytesIO

import numpy as np
import pytest
from fakes.dicomweb_door import Door
from fakes.instances import dataset, dicom_file, instance
from httpx import Response
from PIL import Image
from pydicom import dcmread
from pydicom.uid import JPEGLSLossless
from starlette.requests import Request

from node.edges.dicomweb.parts import base_of
from node.intake.part10 import opened
from node.storage.received_blobs import place_of

OBJECTS = 'multipart/related; type="application/dicom"'
OCTETS = 'multipart/related; type="application/octet-stream"'
STORED = 'multipart/related; type="*/*"; transfer-syntax=*'
RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16)


def parts(answer: Response) -> list[tuple[str, bytes]]:
    """Type and bytes of every part, as Python's own reader of multiparts sees them."""
    assert answer.status_code == 200, answer.text
    head = f"Content-Type: {answer.headers['content-type']}\r\n\r\n".encode()
    message = message_from_bytes(head + answer.content)
    assert message.is_multipart()
    found = []
    for part in message.get_payload():
        assert not isinstance(part, str)
        found.append((part["Content-Type"], bytes(part.get_payload(decode=True) or b"")))
    return found


def ramp(door: Door, syntax: str | None = None, frames: int = 1) -> str:
    """The address of an image whose frames are ramps, each darker by one than the last."""
    image = dataset()
    image.NumberOfFrames = frames
    image.PixelData = b"".join((RAMP - number).tobytes() for number in range(frames))
    if syntax is not None:
        image.compress(syntax, generate_instance_uid=False)
    door.house.receive(opened(dicom_file(image)))
    return door.paths()[-1]


def test_an_object_is_the_clean_file(door: Door) -> None:
    path = ramp(door)
    alone = door.get(path, "application/dicom")
    assert alone.headers["content-type"] == "application/dicom"
    clean = dcmread(BytesIO(alone.content))
    assert clean.SOPInstanceUID == path.rpartition("/")[2]
    assert clean.PatientIdentityRemoved == "YES"
    answer = door.get(path, OBJECTS)
    boundary = answer.headers["content-type"].partition("boundary=")[2]
    assert answer.content.count(boundary.encode()) == 2
    assert alone.content in answer.content
    assert b"transfer-syntax=1.2.840.10008.1.2.1" in answer.content


def test_a_study_and_a_series_are_all_their_objects(door: Door) -> None:
    door.house.receive(instance("1.1"), instance("1.2"), instance("1.3"))
    study, _, series = door.paths()[0].partition("/series/")
    series = f"{study}/series/{series.partition('/')[0]}"
    for path in (study, series):
        assert door.get(path, OBJECTS).content.count(b"DICM") == 3
        assert door.get(path).headers["content-type"].startswith("multipart/related")
        assert len(door.found(path + "/metadata")) == 3


def test_metadata_names_long_values_where_they_are_had(door: Door) -> None:
    path = ramp(door)
    (found,) = door.found(path + "/metadata")
    uri = found["7FE00010"]["BulkDataURI"]
    assert uri == f"http://node.test/api/dicomweb{path}/bulkdata/7FE00010"
    answer = door.get(uri.partition("/dicomweb")[2], "application/octet-stream")
    assert answer.content == RAMP.tobytes()


@pytest.mark.parametrize(
    ("host", "server", "told"),
    [
        ("127.0.0.1:8400", ("127.0.0.1", 8400), "http://127.0.0.1:8400/"),
        ("127.0.0.1", ("127.0.0.1", 8400), "http://127.0.0.1:8400/"),
        ("127.0.0.1", ("127.0.0.1", 80), "http://127.0.0.1/"),
        ("node.hospital.example", ("127.0.0.1", 8400), "http://node.hospital.example/"),
    ],
)
def test_addresses_begin_as_the_sender_reaches_the_node(host: str, server: tuple[str, int], told: str) -> None:
    scope = {"type": "http", "scheme": "http", "path": "/", "query_string": b"", "server": server}
    assert base_of(Request({**scope, "headers": [(b"host", host.encode())]})) == f"{told}api/dicomweb"


@pytest.mark.parametrize("syntax", [None, JPEGLSLossless])
def test_frames_come_decoded_in_the_order_they_were_asked_for(door: Door, syntax: str | None) -> None:
    path = ramp(door, syntax, frames=3)
    answer = door.get(path + "/frames/3,1", OCTETS)
    assert answer.content.count((RAMP - 2).tobytes()) == 1
    assert answer.content.index((RAMP - 2).tobytes()) < answer.content.index(RAMP.tobytes())
    assert door.get(path + "/frames/2", "application/octet-stream").content == (RAMP - 1).tobytes()


def test_compressed_frames_come_as_they_are_stored_where_they_may(door: Door) -> None:
    path = ramp(door, JPEGLSLossless, frames=2)
    found = parts(door.get(path + "/frames/1,2", STORED))
    assert [media_type for media_type, _ in found] == [f"image/jls; transfer-syntax={JPEGLSLossless}"] * 2
    assert all(frame.startswith(b"\xff\xd8") for _, frame in found)
    whole = parts(door.get(path + "/bulkdata/7FE00010", STORED))
    assert [frame for _, frame in whole] == [frame for _, frame in found]
    refused = door.get(path + "/frames/1", 'multipart/related; type="image/jp2"')
    assert (refused.status_code, refused.json()["code"]) == (406, "not-acceptable")


def test_an_object_in_another_transfer_syntax_is_refused_with_what_there_is(door: Door) -> None:
    path = ramp(door, JPEGLSLossless)
    answer = door.get(path, OBJECTS + "; transfer-syntax=1.2.840.10008.1.2.1")
    assert answer.status_code == 406
    assert "application/dicom" in answer.json()["title"]


@pytest.mark.parametrize(("accept", "form"), [("image/png", "PNG"), ("image/jpeg", "JPEG"), ("*/*", "JPEG")])
def test_a_picture_is_drawn_as_asked(door: Door, accept: str, form: str) -> None:
    path = ramp(door)
    for rest in ("/rendered", "/frames/1/rendered"):
        picture = Image.open(BytesIO(door.get(path + rest, accept).content))
        assert (picture.format, picture.size) == (form, (16, 16))
    assert Image.open(BytesIO(door.get(path + "/rendered", accept, viewport="8,20").content)).size == (8, 8)


def test_a_window_of_ones_own_changes_the_picture(door: Door) -> None:
    path = ramp(door)
    drawn = door.get(path + "/rendered", "image/png", window="100.5,1,linear").content
    assert set(np.unique(np.asarray(Image.open(BytesIO(drawn))))) == {0, 255}


@pytest.mark.parametrize(
    "query",
    [
        {"quality": "0"},
        {"quality": "high"},
        {"window": "1"},
        {"window": "1,0"},
        {"window": "1,2,sigmoid"},
        {"window": "nan,2"},
        {"viewport": "5"},
        {"viewport": "9999,1"},
        {"viewport": "1,2,3,4,5,6"},
    ],
)
def test_a_picture_that_cannot_be_drawn_so_is_refused(door: Door, query: dict[str, str]) -> None:
    answer = door.get(ramp(door) + "/rendered", "image/png", **query)
    assert (answer.status_code, answer.json()["code"]) == (400, "value-refused")


def test_what_is_not_here_is_not_found_whatever_it_is(door: Door) -> None:
    path = ramp(door)
    elsewhere = path[:-1] + ("1" if path[-1] != "1" else "2")
    for missing in (
        elsewhere,
        elsewhere + "/metadata",
        elsewhere + "/rendered",
        "/studies/1.2.3.2",
        "/studies/1.2.3.2/metadata",
        "/studies/2.25.1/series/2.25.2",
        path + "/frames/2",
        path + "/frames/0",
        path + "/frames/1,2",
        path + "/frames/x",
        path + "/frames/1,1/rendered",
        path + "/bulkdata/00281201",
        path + "/bulkdata/..%2F..%2Fkeys",
        "/studies/..%2F..",
    ):
        assert door.get(missing).status_code == 404, missing


def test_an_image_whose_file_is_gone_is_not_found(door: Door) -> None:
    path = ramp(door)
    home = door.house.ground.home.clean
    for file in [file for file in home.rglob("*") if file.is_file()]:
        assert file == place_of(home, file.name)
        file.unlink()
    assert door.get(path, "application/dicom").status_code == 404
    assert door.get(path + "/frames/1", OCTETS).status_code == 404
    assert door.get(path + "/rendered").status_code == 404


def test_an_image_that_cannot_be_decoded_says_so(door: Door) -> None:
    path = ramp(door, JPEGLSLossless)
    (file,) = [file for file in door.house.ground.home.clean.rglob("*") if file.is_file()]
    raw = file.read_bytes()
    file.write_bytes(raw[:-40] + bytes(40))
    answer = door.get(path + "/frames/1", OCTETS)
    assert (answer.status_code, answer.json()["code"]) == (409, "frame-inseparable")
