"""STOW-RS: received like a C-STORE, answered file by file, and refused where it is no multipart of files."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import anyio
import pytest
from fakes.dicomweb import NoImages
from fakes.dicomweb_door import WEB, Door
from fakes.instances import dataset, dicom_file
from httpx import Response
from pydicom.uid import UID

from node.edges.dicomweb import storing
from node.edges.dicomweb.multipart import whole
from node.edges.dicomweb.refusals import SenderTooSlow
from node.ground.audit import Actor
from node.intake.errors import StoreFull
from node.intake.received import Instance, Outcome
from node.readers.roles import Role
from node.storage.intake_overview import IntakeOverview

TYPE = 'multipart/related; type="application/dicom"; boundary=b'
DICOM = "application/dicom"


def post(door: Door, *files: bytes, path: str = "/studies", body: bytes | None = None, kind: str = TYPE) -> Response:
    content = whole([(DICOM, file) for file in files], "b") if body is None else body
    answer: Response = door.browser.post(WEB + path, content=content, headers={"Content-Type": kind})
    return answer


def film(uid: str, **changes: Any) -> bytes:
    return dicom_file(dataset(uid, **changes))


def uids(answer: Response, sequence: str) -> list[str]:
    return [item["00081155"]["Value"][0] for item in answer.json().get(sequence, {}).get("Value", [])]


def reasons(answer: Response, sequence: str, key: str = "00081197") -> list[int]:
    return [item[key]["Value"][0] for item in answer.json().get(sequence, {}).get("Value", []) if key in item]


def received(door: Door) -> int:
    return IntakeOverview(door.house.ground.engine).counts().received


def test_what_is_stored_is_cleaned_and_then_found_under_new_uids(door: Door) -> None:
    answer = post(door, film("1.2.3.4.1"), film("1.2.3.4.2"))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/dicom+json"
    assert uids(answer, "00081199") == ["1.2.3.4.1", "1.2.3.4.2"]
    assert "00081198" not in answer.json()
    assert answer.json()["00081190"] == {"vr": "UR"}
    assert door.found("/instances") == []
    door.house.work()
    (study,) = door.found("/studies")
    assert study["00201208"]["Value"] == [2]
    assert study["0020000D"]["Value"][0].startswith("2.25.")


def test_a_single_file_may_come_without_a_multipart(door: Door) -> None:
    assert uids(post(door, body=film("1.5"), kind=DICOM), "00081199") == ["1.5"]


def test_the_same_file_again_is_a_success_and_stored_once(door: Door) -> None:
    assert [post(door, film("1.5")).status_code for _ in range(2)] == [200, 200]
    assert received(door) == 1


def test_other_bytes_under_one_uid_are_kept_with_a_warning(door: Door) -> None:
    post(door, film("1.5"))
    answer = post(door, film("1.5", fill=8))
    assert answer.status_code == 202
    assert reasons(answer, "00081199", "00081196") == [0xB007]
    assert received(door) == 2


def test_each_file_that_fails_says_why_and_the_others_are_stored(door: Door) -> None:
    directory = dataset("1.8")
    directory.SOPClassUID = directory.file_meta.MediaStorageSOPClassUID = UID("1.2.840.10008.1.3.10")
    large = film("1.7") + bytes(2 << 20)
    answer = post(door, film("1.5"), b"no image", large, dicom_file(directory), film("1.6"), film("1.5")[:200])
    assert answer.status_code == 202
    assert uids(answer, "00081199") == ["1.5", "1.6"]
    assert dict(zip(uids(answer, "00081198"), reasons(answer, "00081198"), strict=True)) == {
        "1.7": 0xC000,
        "1.8": 0x0122,
    }
    assert reasons(answer, "0008119A") == [0xC000, 0xC000]
    assert received(door) == 2


def test_nothing_stored_is_a_conflict(door: Door) -> None:
    answer = post(door, b"no image", film("1.5")[:140])
    assert (answer.status_code, reasons(answer, "0008119A")) == (409, [0xC000, 0xC000])


def test_a_full_disk_asks_to_try_again(door: Door) -> None:
    class Full(NoImages):
        def receive(self, instance: Instance, sender: Actor) -> Outcome:
            raise StoreFull(reserve_mib=1)

    door.hospital.app.state.dicomweb = replace(door.house.parts, receiving=Full())
    answer = post(door, film("1.5"))
    assert (answer.status_code, reasons(answer, "00081198")) == (503, [0xA700])


def test_a_file_of_another_study_is_not_stored_to_this_one(door: Door) -> None:
    answer = post(door, film("1.5"), film("1.6", study="1.9"), path="/studies/1.9")
    assert (answer.status_code, uids(answer, "00081199"), uids(answer, "00081198")) == (202, ["1.6"], ["1.5"])
    assert reasons(answer, "00081198") == [0xA900]


def test_a_uid_that_is_none_is_not_repeated(door: Door) -> None:
    answer = post(door, film("1.5").replace(b"1.5\0", b"<x>\0"))
    assert "<x>" not in answer.text
    assert (answer.status_code, reasons(answer, "0008119A")) == (409, [0xC000])


@pytest.mark.parametrize(
    ("kind", "body", "status", "code"),
    [
        ("application/json", b"{}", 415, "media-type-refused"),
        ("multipart/form-data; boundary=b", b"--b--", 415, "media-type-refused"),
        ('multipart/related; type="application/dicom"', b"--b--", 415, "media-type-refused"),
        ('multipart/related; type="application/dicom+json"; boundary=b', b"--b--", 415, "media-type-refused"),
        (TYPE, b"", 400, "multipart-broken"),
        (TYPE, b"--b--\r\n", 400, "multipart-broken"),
        (TYPE, b"--c\r\nContent-Type: application/dicom\r\n\r\nx\r\n--c--", 400, "multipart-broken"),
        (TYPE, b"--b\r\nContent-Type: application/dicom\r\n\r\nx", 400, "multipart-broken"),
        (TYPE, b"--b\r\n\r\n--b--", 400, "multipart-broken"),
    ],
)
def test_what_is_no_multipart_of_files_is_refused(door: Door, kind: str, body: bytes, status: int, code: str) -> None:
    answer = post(door, body=body, kind=kind)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_squeezed_body_is_not_inflated(door: Door) -> None:
    squeezed = gzip.compress(whole([(DICOM, film("1.5"))], "b") + bytes(50_000_000))
    answer = door.browser.post(
        WEB + "/studies", content=squeezed, headers={"Content-Type": TYPE, "Content-Encoding": "gzip"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "multipart-broken")
    assert received(door) == 0


def test_what_came_before_a_broken_end_is_stored_and_sending_again_is_safe(door: Door) -> None:
    whole_body = whole([(DICOM, film("1.5")), (DICOM, film("1.6"))], "b")
    assert post(door, body=whole_body[:-300]).status_code == 400
    assert received(door) == 1
    assert post(door, body=whole_body).status_code == 200
    assert received(door) == 2


def test_one_request_has_its_bound(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "MOST_MIB", 1)
    pieces: Iterator[bytes] = (bytes(100_000) for _ in range(20))
    answer = door.browser.post(WEB + "/studies", content=pieces, headers={"Content-Type": TYPE})
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")


def test_who_falls_silent_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        async def stream(self) -> Any:
            yield b"--b"
            await anyio.sleep(60)
            yield b"\r\n"

    async def read() -> list[bytes]:
        return [piece async for piece in storing._pieces(Silent())]  # type: ignore[arg-type]  # plays the request's stream

    monkeypatch.setattr(storing, "_SILENT_SECONDS", 0.01)
    with pytest.raises(SenderTooSlow, match=r"0\.01 seconds"):
        anyio.run(read)


def test_no_more_than_a_few_store_at_once(door: Door) -> None:
    slots = door.house.parts.slots
    while slots.acquire(blocking=False):
        pass
    answer = post(door, film("1.5"))
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "store-busy", "10")
    slots.release()
    assert [post(door, film("1.5")).status_code for _ in range(3)] == [200, 200, 200]


def test_a_stranger_and_a_forged_request_store_nothing(door: Door) -> None:
    del door.browser.headers["X-Intramuros-CSRF"]
    assert (post(door, film("1.5")).status_code, received(door)) == (403, 0)
    lead = door.hospital.signed_in(door.hospital.person("책임자", Role.LEAD))
    assert lead.post(WEB + "/studies", content=b"", headers={"Content-Type": TYPE}).status_code == 403
    assert door.hospital.browser().post(WEB + "/studies", content=b"").status_code == 401
