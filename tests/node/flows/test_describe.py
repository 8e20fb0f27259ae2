"""Headers are made once for every clean image, in the end for all of them, and trouble waits for the next time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pytest
from fakes.instances import StoppedClock, dataset, dicom_file

from node.deidentify.errors import SandboxUnavailable
from node.deidentify.findings import CleanHeader
from node.deidentify.header import describe
from node.flows.describe import Described, Describing, Undescribed
from node.intake.errors import CleanMissing, StoreFailed


class Rows:
    """Images that wait, and what was kept of them."""

    def __init__(self, *image_ids: str) -> None:
        self.waiting = [Undescribed(image_id, 1) for image_id in image_ids]
        self.kept: dict[str, CleanHeader | None] = {}
        self.trouble: Exception | None = None

    def undescribed(self, limit: int) -> Sequence[Undescribed]:
        return self.waiting[:limit]

    def keep(self, batch: Sequence[Described], at: datetime) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.kept |= {one.image.image_id: one.header for one in batch}
        self.waiting = [one for one in self.waiting if one.image_id not in self.kept]


class Files:
    """A file for every image but those that are gone; some are no images."""

    def read(self, image_id: str) -> bytes:
        if image_id == "gone":
            raise CleanMissing
        return b"rubbish" if image_id == "rubbish" else dicom_file(dataset(f"1.2.{len(image_id)}"))


class Sandbox:
    trouble: Exception | None = None

    def describe(self, raw: bytes) -> CleanHeader:
        if self.trouble is not None:
            raise self.trouble
        return describe(raw)


def test_every_waiting_image_gets_its_header_once() -> None:
    rows = Rows("a", "bb")
    describing = Describing(rows, Files(), Sandbox(), StoppedClock())
    assert (describing.catch_up(), describing.catch_up()) == (2, 0)
    assert [header.instance_uid for header in rows.kept.values() if header is not None] == ["1.2.1", "1.2.2"]


def test_an_image_without_a_readable_file_is_asked_no_more() -> None:
    rows = Rows("gone", "rubbish", "a")
    assert Describing(rows, Files(), Sandbox(), StoppedClock()).catch_up() == 3
    assert [rows.kept["gone"], rows.kept["rubbish"]] == [None, None]
    assert rows.kept["a"] is not None


def test_a_backlog_is_worked_off_a_part_at_a_time() -> None:
    rows = Rows(*(f"{number:03d}" for number in range(300)))
    describing = Describing(rows, Files(), Sandbox(), StoppedClock())
    assert [describing.catch_up() for _ in range(3)] == [256, 44, 0]


@pytest.mark.parametrize("trouble", [SandboxUnavailable("no process"), StoreFailed()])
def test_the_machines_trouble_leaves_images_waiting(trouble: Exception) -> None:
    rows, sandbox = Rows("a"), Sandbox()
    if isinstance(trouble, StoreFailed):
        rows.trouble = trouble
    else:
        sandbox.trouble = trouble
    describing = Describing(rows, Files(), sandbox, StoppedClock())
    assert describing.catch_up() == 0
    rows.trouble = sandbox.trouble = None
    assert describing.catch_up() == 1
