"""Where in a file the first thing stands that cannot be read, and what finding it costs."""

import json

import pytest

from node.labeling.formats.coco import read_coco
from node.labeling.formats.incoming import read_labels
from node.labeling.formats.incoming_file import FileFault, FileRefused, IncomingFile, Part
from node.labeling.formats.tables import READING_COLUMNS, table
from node.labeling.schema_shelf import schema_of
from protocols.encoding import canonical_json

SCHEMA = schema_of("generic-box", 1)
READING = ("R-A", "1", "boxes", "", "", "absent", "", "", "", "", "", "", "", "")


def coco(*, annotations: int, wrong: int | None) -> IncomingFile:
    """A file of boxes, one of which, counted from 1, is of a shape that there is none of."""
    box = [0.0, 0.0, 2.0, 0.0, 2.0, 2.0, 0.0, 2.0]
    drawn = [
        {
            "image_id": 1,
            "category_id": 1,
            "segmentation": [box],
            "attributes": {
                "reader": "R-A",
                "answer": 1,
                "confidence": None,
                "mark": f"m{number}",
                "thing": f"t{number}",
                "tracking_uid": "2.25.1",
                "shape": "disc" if number == wrong else "box",
            },
        }
        for number in range(1, annotations + 1)
    ]
    images = [{"id": 1, "case": "C-A", "instance_uid": "1.2", "frame": 1}]
    categories = [{"id": 1, "supercategory": "boxes", "label": None}]
    file = {"images": images, "categories": categories, "annotations": drawn}
    return IncomingFile("coco.json", canonical_json(file))


@pytest.mark.parametrize("wrong", [1, 2, 7, 64])
def test_the_first_wrong_annotation_of_a_file_is_named(wrong: int) -> None:
    with pytest.raises(FileRefused) as told:
        read_labels([coco(annotations=64, wrong=wrong)], {}, SCHEMA)
    assert (told.value.fault, told.value.place) == (FileFault.NOT_READABLE, (Part.ANNOTATION, str(wrong)))


def test_a_wrong_annotation_of_thousands_is_found_in_a_few_readings(monkeypatch: pytest.MonkeyPatch) -> None:
    read = 0

    def counted(contents: bytes) -> object:
        nonlocal read
        read += 1
        return read_coco(contents)

    monkeypatch.setattr("node.labeling.formats.incoming.read_coco", counted)
    with pytest.raises(FileRefused) as told:
        read_labels([coco(annotations=4000, wrong=3999)], {}, SCHEMA)
    assert told.value.place == (Part.ANNOTATION, "3999")
    assert read < 20


def test_a_file_whose_images_are_missing_names_no_annotation_but_the_first() -> None:
    whole = json.loads(coco(annotations=3, wrong=None).contents)
    broken = IncomingFile("coco.json", json.dumps(whole | {"images": []}).encode())
    with pytest.raises(FileRefused) as told:
        read_labels([broken], {}, SCHEMA)
    assert told.value.place == (Part.ANNOTATION, "1")


def test_a_file_that_is_wrong_without_its_annotations_names_none_of_them() -> None:
    whole = json.loads(coco(annotations=3, wrong=None).contents)
    del whole["categories"]
    with pytest.raises(FileRefused) as told:
        read_labels([IncomingFile("coco.json", json.dumps(whole).encode())], {}, SCHEMA)
    assert (told.value.fault, told.value.place) == (FileFault.NOT_READABLE, None)


def test_a_case_with_two_readings_of_one_reader_is_named_only_as_an_export_names_cases() -> None:
    for case, place in (("C-ABCDEFGHIJKLMNOP", (Part.CASE, "C-ABCDEFGHIJKLMNOP")), ("Hong Gil-dong", None)):
        files = [IncomingFile(f"{at}.csv", table(READING_COLUMNS, [(case, *READING)])) for at in (1, 2)]
        with pytest.raises(FileRefused) as told:
            read_labels(files, {}, SCHEMA)
        assert (told.value.fault, told.value.place) == (FileFault.READER_TWICE, place)
