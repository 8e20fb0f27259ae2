"""Pulling by DICOMweb: from this node's own server, and from archives that answer what they should not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from fakes.dicomweb import NoImages
from fakes.dicomweb_door import WEB, Door, values
from fakes.instances import dataset, dicom_file, instance

from node.edges.dicomweb.multipart import whole
from node.edges.dicomweb.source import WebSource
from node.flows.pull_ports import ListedInstance
from node.ground.audit import Actor
from node.intake.cohort_query import CohortQuery
from node.intake.errors import SourceTrouble
from node.intake.received import Instance, Outcome

BY_NUMBER = CohortQuery(accession_numbers=("A1",))
BY_DAY = CohortQuery(first_day=date(2025, 2, 1), last_day=date(2025, 2, 1))


class Kept(NoImages):
    """Receives, and remembers what."""

    def __init__(self) -> None:
        self.uids: list[str] = []

    def receive(self, instance: Instance, sender: Actor) -> Outcome:
        self.uids.append(instance.sop_instance_uid)
        return Outcome.STORED


def answering(answer: Callable[[httpx.Request], httpx.Response]) -> tuple[WebSource, Kept]:
    """A source whose archive answers so."""
    kept = Kept()
    client = httpx.Client(base_url="http://archive.test/web/", transport=httpx.MockTransport(answer))
    return WebSource("archive", client, kept), kept


def found(**values: str) -> dict[str, Any]:
    return {tag: {"vr": "UI", "Value": [value]} for tag, value in values.items()}


def test_a_study_of_this_nodes_own_server_is_listed_and_fetched(door: Door) -> None:
    door.house.receive(instance("1.1"), instance("1.2"), instance("1.3"))
    kept = Kept()
    moved = date.fromisoformat(values(door.found("/studies"), "00080020")[0])
    door.browser.base_url = httpx.URL(f"http://node.test{WEB}/")
    source = WebSource("archive", door.browser, kept)
    (study,) = source.find(CohortQuery(first_day=moved, last_day=moved, modalities=("CR",)))
    listed = source.instances(study, CohortQuery(accession_numbers=("A1",), body_parts=("CHEST",)))
    assert len(listed) == 3
    assert {one.class_uid for one in listed} == {"1.2.840.10008.5.1.4.1.1.1"}
    source.fetch(study, listed[:1], whole=False)
    assert kept.uids == [listed[0].instance_uid]
    source.fetch(study, listed, whole=True)
    assert sorted(kept.uids[1:]) == sorted(one.instance_uid for one in listed)
    assert source.instances(study, CohortQuery(accession_numbers=("A1",), modalities=("CT",))) == []


@pytest.mark.parametrize(
    ("status", "code"), [(401, "rejected"), (403, "rejected"), (404, "not_offered"), (500, "http_500")]
)
def test_an_answer_that_is_no_success_is_told_by_its_code(status: int, code: str) -> None:
    source, _ = answering(lambda _: httpx.Response(status))
    with pytest.raises(SourceTrouble, match=code):
        list(source.find(BY_NUMBER))
    with pytest.raises(SourceTrouble, match=code):
        source.fetch("1.2", [ListedInstance("1", "1.1")], whole=True)


@pytest.mark.parametrize("body", [b"{}", b"[1]", b"no json", b"[" * 100_000, b'[{"0020000D":{"Value":["../x"]}}]'])
def test_an_answer_that_is_no_search_result_is_malformed(body: bytes) -> None:
    source, _ = answering(lambda _: httpx.Response(200, content=body))
    with pytest.raises(SourceTrouble, match="malformed"):
        list(source.find(BY_DAY))


def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url.host))
        return httpx.Response(302, headers={"Location": "http://elsewhere.test/"})

    source, _ = answering(answer)
    with pytest.raises(SourceTrouble, match="http_302"):
        list(source.find(BY_NUMBER))
    assert asked == ["archive.test"]


def test_an_archive_that_pages_is_asked_to_the_end_and_one_that_does_not_is_asked_twice() -> None:
    pages = [[found(**{"0020000D": f"1.{page}.{one}"}) for one in range(200)] for page in range(2)] + [[]]

    def paging(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json=pages[int(request.url.params["offset"]) // 200])

    source, _ = answering(paging)
    assert len(list(source.find(BY_NUMBER))) == 0  # none of them says that accession number
    assert len(list(source.find(BY_DAY))) == 400
    source, _ = answering(lambda _: httpx.Response(200, json=pages[0]))
    assert len(list(source.find(BY_DAY))) == 200


def test_nothing_found_may_be_an_answer_without_a_body() -> None:
    source, _ = answering(lambda _: httpx.Response(204))
    assert list(source.find(BY_NUMBER)) == []


def _multipart(*files: bytes, end: int | None = None) -> Callable[[httpx.Request], httpx.Response]:
    body = whole([("application/dicom", file) for file in files], "b")[:end]
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary="b"'}
    return lambda _: httpx.Response(200, content=body, headers=headers)


def test_what_was_not_asked_for_is_not_received() -> None:
    source, kept = answering(_multipart(dicom_file(dataset("1.1")), dicom_file(dataset("1.9"))))
    source.fetch("1.2", [ListedInstance("1", "1.1")], whole=True)
    assert kept.uids == ["1.1"]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (_multipart(b"no image"), "malformed"),
        (_multipart(dicom_file()[:200]), "malformed"),
        (_multipart(dicom_file() + bytes(2 << 20)), "malformed"),
        (_multipart(dicom_file(), end=-20), "line_broke"),
        (lambda _: httpx.Response(200, content=dicom_file()), "not_offered"),
        (lambda _: (_ for _ in ()).throw(httpx.ConnectError("")), "unreachable"),
        (lambda _: (_ for _ in ()).throw(httpx.ReadTimeout("")), "no_answer"),
        (lambda _: (_ for _ in ()).throw(httpx.ReadError("")), "line_broke"),
    ],
)
def test_trouble_in_the_middle_is_told_by_its_code(
    answer: Callable[[httpx.Request], httpx.Response], code: str
) -> None:
    source, _ = answering(answer)
    with pytest.raises(SourceTrouble, match=code):
        source.fetch("1.2", [ListedInstance("1", "1.2.3.4.1")], whole=True)


def test_a_source_that_was_stopped_asks_nothing_more(tmp_path: Path) -> None:
    source, _ = answering(lambda _: httpx.Response(200, json=json.loads("[]")))
    source.abort()
    with pytest.raises(SourceTrouble, match="line_broke"):
        list(source.find(BY_NUMBER))
