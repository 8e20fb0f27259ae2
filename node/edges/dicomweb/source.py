"""An archive that images are pulled from by DICOMweb: asked by QIDO-RS, fetched by WADO-RS, received like a C-STORE.

The address comes from the configuration alone: no redirect is followed, and no address inside an answer is asked. What
an archive sends unasked is not received. Answers are bounded while they come. Source: PS3.18 sections 10.4 and 10.6.
"""

from __future__ import annotations

import json
import re
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from node.edges.dicomweb.media import JSON, OBJECT, RELATED
from node.edges.dicomweb.multipart import Part, PartReader, boundary_of
from node.edges.dicomweb.parts import Taking
from node.edges.dicomweb.refusals import MultipartBroken
from node.flows.pull_ports import ListedInstance
from node.ground.audit import Actor, ActorKind
from node.intake.cohort_query import CohortQuery
from node.intake.errors import InstanceTooLarge, SourceTrouble
from node.intake.part10 import FileBroken, is_dicom, opened

_PAGE: Final = 200
_MOST_PAGES: Final = 5000
_MOST_JSON_BYTES: Final = 64 * 2**20
_UID: Final = re.compile(r"[0-9.]{1,64}")
_OBJECTS: Final = f'{RELATED}; type="{OBJECT}"; transfer-syntax=*'
_TAGS: Final = {
    "StudyInstanceUID": "0020000D",
    "SeriesInstanceUID": "0020000E",
    "SOPInstanceUID": "00080018",
    "SOPClassUID": "00080016",
    "AccessionNumber": "00080050",
    "Modality": "00080060",
    "BodyPartExamined": "00180015",
}


class WebSource:
    """One DICOMweb archive; implements `StudySource`. `client` knows its address, its certificate and our token."""

    def __init__(self, name: str, client: httpx.Client, receiving: Taking) -> None:
        self._sender = Actor(ActorKind.PEER, name)
        self._client = client
        self._receiving = receiving
        self._stopped = threading.Event()

    def find(self, query: CohortQuery) -> Iterator[str]:
        """The UIDs of the studies that match. Raises: SourceTrouble."""
        for keys in query.questions():
            wanted = keys.get("AccessionNumber", "")
            for study in self._search("studies", {**keys, "includefield": "AccessionNumber"}):
                if wanted in {"", _value(study, "AccessionNumber")}:
                    yield _uid(study, "StudyInstanceUID")

    def instances(self, study_uid: str, query: CohortQuery) -> Sequence[ListedInstance]:
        """The images of a study's wanted series. Raises: SourceTrouble."""
        listed: list[ListedInstance] = []
        for series in self._search(f"studies/{study_uid}/series", {"includefield": "BodyPartExamined"}):
            if not query.wants(_value(series, "Modality"), _value(series, "BodyPartExamined")):
                continue
            uid = _uid(series, "SeriesInstanceUID")
            listed += [
                ListedInstance(uid, _uid(image, "SOPInstanceUID"), _value(image, "SOPClassUID"))
                for image in self._search(f"studies/{study_uid}/series/{uid}/instances", {})
            ]
        return listed

    def fetch(self, study_uid: str, missing: Sequence[ListedInstance], *, whole: bool) -> None:
        """The archive has given what it could. Raises: SourceTrouble, StoreFull, StoreFailed."""
        wanted = {one.instance_uid for one in missing}
        study = f"studies/{study_uid}"
        if whole:
            paths = [study]
        else:
            paths = [f"{study}/series/{one.series_uid}/instances/{one.instance_uid}" for one in missing]
        for path in paths:
            for part in self._parts(path):
                self._receive(part, wanted)

    def abort(self) -> None:
        """Whatever is under way ends now; it is asked for again another time."""
        self._stopped.set()
        self._client.close()

    def _receive(self, part: Part, wanted: set[str]) -> None:
        if part.cut or not is_dicom(part.contents):
            raise SourceTrouble("malformed")
        try:
            instance = opened(part.contents)
            if instance.sop_instance_uid in wanted:
                self._receiving.receive(instance, self._sender)
        except (FileBroken, InstanceTooLarge):
            raise SourceTrouble("malformed") from None

    def _search(self, path: str, keys: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Every result, page by page; an archive that does not page gives the same page again, and is then done."""
        before: list[Any] = []
        for page in range(_MOST_PAGES):
            asked = {**keys, "limit": str(_PAGE), "offset": str(page * _PAGE)}
            found = self._objects(f"{path}?{urlencode(asked)}")
            if found == before:
                return
            yield from found
            if len(found) < _PAGE:
                return
            before = found
        raise SourceTrouble("malformed")

    def _objects(self, path: str) -> list[Mapping[str, Any]]:
        body = bytearray()
        with self._asked(path, JSON) as answer:
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > _MOST_JSON_BYTES:
                    raise SourceTrouble("malformed")
        try:
            found = json.loads(body) if body else []
        except (ValueError, RecursionError):
            raise SourceTrouble("malformed") from None
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise SourceTrouble("malformed")
        return found

    def _parts(self, path: str) -> Iterator[Part]:
        with self._asked(path, _OBJECTS) as answer:
            boundary = boundary_of(answer.headers.get("content-type", ""))
            if boundary is None:
                raise SourceTrouble("not_offered")
            reader = PartReader(boundary, self._receiving.max_file_bytes)
            try:
                for piece in answer.iter_bytes():
                    yield from reader.feed(piece)
            except MultipartBroken:
                raise SourceTrouble("malformed") from None
            if not reader.done:
                raise SourceTrouble("line_broke")

    @contextmanager
    def _asked(self, path: str, accept: str) -> Iterator[httpx.Response]:
        """An answer that is a success, still to be read; every trouble with it leaves as `SourceTrouble`."""
        if self._stopped.is_set():
            raise SourceTrouble("line_broke")
        try:
            with self._client.stream("GET", path, headers={"Accept": accept}) as answer:
                if not answer.is_success:
                    raise SourceTrouble(_code_of(answer.status_code))
                yield answer
        except (httpx.ConnectError, httpx.ConnectTimeout):
            raise SourceTrouble("unreachable") from None
        except httpx.TimeoutException:
            raise SourceTrouble("no_answer") from None
        except (httpx.HTTPError, httpx.StreamError, RuntimeError):  # the last: the client was closed meanwhile
            raise SourceTrouble("line_broke") from None


def web_client(url: str, context: ssl.SSLContext, *, token: str | None, answer_seconds: float) -> httpx.Client:
    """A client of one archive: its address, whom it trusts, what it shows, and how long it waits."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    timeout = httpx.Timeout(answer_seconds, connect=30.0)
    return httpx.Client(
        base_url=f"{url.rstrip('/')}/", headers=headers, timeout=timeout, verify=context, trust_env=False
    )


def _code_of(status: int) -> str:
    match status:
        case 401 | 403:
            return "rejected"
        case 404 | 405 | 406 | 415 | 501:
            return "not_offered"
        case _:
            return f"http_{status}"


def _value(found: Mapping[str, Any], keyword: str) -> str:
    """The first value of an attribute as text; "" where there is none or it is of another form."""
    attribute = found.get(_TAGS[keyword])
    values = attribute.get("Value") if isinstance(attribute, dict) else None
    return values[0].strip() if isinstance(values, list) and values and isinstance(values[0], str) else ""


def _uid(found: Mapping[str, Any], keyword: str) -> str:
    uid = _value(found, keyword)
    if not _UID.fullmatch(uid):
        raise SourceTrouble("malformed")
    return uid
