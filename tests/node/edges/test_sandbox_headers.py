"""Headers and pictures through the sandbox's walls: the same as the pure functions give, and nothing smuggled in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fakes.instances import dataset, dicom_file

from node.deidentify.errors import FrameMissing, SandboxRefused
from node.deidentify.findings import Form, Picture
from node.deidentify.frames import render
from node.deidentify.header import describe
from node.edges.sandbox import wire
from node.edges.sandbox.pool import SandboxPool, _check_objects
from node.edges.sandbox.wire import Answer


@pytest.fixture(scope="module")
def pool() -> Iterator[SandboxPool]:
    with SandboxPool(1) as pool:
        yield pool


def test_a_header_comes_out_as_the_pure_function_gives_it(pool: SandboxPool) -> None:
    raw = dicom_file()
    assert pool.describe(raw) == describe(raw)


@pytest.mark.parametrize("picture", [Picture(), Picture(Form.JPEG, 50, (3.0, 9.0), (8, 8))])
def test_a_picture_comes_out_as_the_pure_function_draws_it(pool: SandboxPool, picture: Picture) -> None:
    raw = dicom_file()
    assert pool.render(raw, 1, picture) == render(raw, 1, picture)
    with pytest.raises(FrameMissing):
        pool.render(raw, 2, picture)


def test_what_is_no_image_is_refused(pool: SandboxPool) -> None:
    unnamed = dataset()
    del unnamed.SeriesInstanceUID
    for raw in (b"rubbish", dicom_file(unnamed)):
        with pytest.raises(SandboxRefused):
            pool.describe(raw)


@pytest.mark.parametrize("said", ["", "[]", "{}{}", '{"a":1},{"b":2}', "[" * 100_000, b"\xff{}"])
def test_a_child_cannot_put_more_than_an_object_into_an_answer(said: str | bytes) -> None:
    with pytest.raises(SandboxRefused):
        _check_objects("{}", said)


@pytest.mark.parametrize(
    "changes",
    [
        {"study_uid": "1.2/../3"},
        {"study_uid": ""},
        {"spans": {"../../x": (0, 1)}},
        {"spans": {"7FE00010": (-1, 5)}},
        {"fragments": (((0, 2**50),),)},
        {"frames": 0},
        {"patient_id": "x" * 65},
    ],
)
def test_a_header_with_a_field_that_is_not_of_its_form_is_refused(changes: dict[str, object]) -> None:
    header = describe(dicom_file())
    fields = {name: getattr(header, name) for name in header.__dataclass_fields__ if name != "metadata"}
    good = Answer(said=wire.HeaderAnswer(**fields))
    assert Answer.model_validate_json(good.model_dump_json()) == good
    bad = good.model_dump_json() if not changes else _changed(good, changes)
    with pytest.raises(ValueError, match="validation error"):
        Answer.model_validate_json(bad)


def _changed(answer: Answer, changes: dict[str, object]) -> str:
    said = answer.said.model_copy(update=changes)
    return Answer.model_construct(said=said).model_dump_json(warnings=False)
