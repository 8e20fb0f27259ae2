"""A PACS on loopback with a few films: answers C-FIND, sends by C-MOVE and C-GET, and writes down what it was asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from typing import Any

from fakes.instances import COMPUTED_RADIOGRAPHY
from pydicom import Dataset
from pynetdicom import AE, evt
from pynetdicom.events import Event

_MODELS = tuple(f"1.2.840.10008.5.1.4.1.2.2.{number}" for number in (1, 2, 3))
_UNIQUE = {"STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID", "IMAGE": "SOPInstanceUID"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PlayedPacs:
    """Serves until `stop`. `moves_to` is where it knows the node's AE title to be; `status` ends every retrieval."""

    def __init__(self, films: Sequence[Dataset], *, moves_to: int | None = None, status: int = 0) -> None:
        self.films, self._moves_to, self._status = list(films), moves_to, status
        self.asked: list[Dataset] = []
        entity = AE("PACS")
        for model in _MODELS:
            entity.add_supported_context(model)
        entity.add_supported_context(COMPUTED_RADIOGRAPHY, scu_role=True, scp_role=True)
        entity.add_requested_context(COMPUTED_RADIOGRAPHY, "1.2.840.10008.1.2.1")
        self.port = free_port()
        handlers: list[Any] = [
            (evt.EVT_C_FIND, self._find), (evt.EVT_C_MOVE, self._move), (evt.EVT_C_GET, self._get),
        ]  # fmt: skip
        self._server = entity.start_server(("127.0.0.1", self.port), block=False, evt_handlers=handlers)

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()

    def _matching(self, asked: Dataset) -> list[Dataset]:
        keys = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "StudyDate", "AccessionNumber", "Modality")
        return [film for film in self.films if all(_matches(film, asked, key) for key in keys)]

    def _find(self, event: Event) -> Iterator[tuple[int, Dataset | None]]:
        asked = event.identifier
        self.asked.append(asked)
        seen = set()
        for film in self._matching(asked):
            unique = str(film.get(_UNIQUE[asked.QueryRetrieveLevel]))
            if unique not in seen:
                seen.add(unique)
                found = Dataset()
                for element in asked:
                    value = film.get(element.keyword, "") if element.keyword != "QueryRetrieveLevel" else element.value
                    setattr(found, element.keyword, value)
                yield 0xFF00, found

    def _get(self, event: Event) -> Iterator[Any]:
        self.asked.append(event.identifier)
        films = self._matching(event.identifier)
        yield len(films)
        if self._status:
            yield self._status, None
        for film in films:
            yield 0xFF00, film

    def _move(self, event: Event) -> Iterator[Any]:
        if self._moves_to is None:
            yield None, None
            return
        yield "127.0.0.1", self._moves_to, {"ae_title": "INTRAMUROS"}
        yield from self._get(event)


def _matches(film: Dataset, asked: Dataset, key: str) -> bool:
    wanted = asked.get(key, "")
    if wanted is None or wanted == "":
        return True
    held = str(film.get(key, ""))
    return held in ([wanted] if isinstance(wanted, str) else list(wanted))
