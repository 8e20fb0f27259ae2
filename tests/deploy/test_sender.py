"""The demo's modality: what it does when an answer is not heard, and when it is a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pynetdicom import AE, evt
from pynetdicom.events import Event
from pynetdicom.presentation import AllStoragePresentationContexts

from deploy.demo.canary import Canary
from deploy.demo.phantoms.folder import write_phantoms
from deploy.demo.processes import StepFailed, free_ports
from deploy.demo.sender import Destination, send


@contextmanager
def archive(statuses: list[int | None]) -> Iterator[tuple[int, list[str]]]:
    """A receiver that gives these answers, then success; for None it hangs up after it took the image."""
    taken: list[str] = []

    def stored(event: Event) -> int:
        taken.append(str(event.file_meta.MediaStorageSOPInstanceUID))
        status = statuses.pop(0) if statuses else 0
        if status is None:
            event.assoc.abort()
        return status or 0

    entity = AE(ae_title="ARCHIVE")
    entity.supported_contexts = AllStoragePresentationContexts
    (port,) = free_ports(1)
    entity.start_server(("127.0.0.1", port), block=False, evt_handlers=[(evt.EVT_C_STORE, stored)])
    try:
        yield port, taken
    finally:
        entity.shutdown()


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    images = tmp_path_factory.mktemp("images")
    write_phantoms(images, 7)
    return sorted((images / "site-north").rglob("*.dcm"))[:2]


def sent(films: list[Path], port: int) -> int:
    numbers: list[int] = []
    send(films, [Canary(number) for number, _ in enumerate(films)], Destination(port, "ARCHIVE"), numbers.append)
    return len(numbers)


def test_an_image_whose_answer_is_not_heard_is_sent_again(films: list[Path]) -> None:
    with archive([0, None, None]) as (port, taken):
        assert sent(films, port) == 2
    assert len(taken) == 4
    assert len(set(taken)) == 2


def test_it_is_not_sent_for_ever(films: list[Path]) -> None:
    with archive([None] * 9) as (port, taken), pytest.raises(StepFailed, match="was answered nothing"):
        sent(films, port)
    assert len(taken) == 4


def test_a_refusal_is_not_sent_again(films: list[Path]) -> None:
    with archive([0xA700]) as (port, taken), pytest.raises(StepFailed, match="was answered 42752"):
        sent(films, port)
    assert len(taken) == 1
