"""Headers kept and asked for: SQLite and PostgreSQL answer alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fakes.instances import START, dataset, dicom_file
from sqlalchemy import Engine, insert

from node.deidentify.findings import CleanHeader
from node.deidentify.header import describe
from node.flows.describe import Described, Undescribed
from node.flows.image_search import FoundPage, ImageSearch, Level, Place
from node.ground.audit import Actor, ActorKind, AuditEvent
from node.ground.ids import new_id
from node.intake.exclusion import ExclusionEntry, ExclusionKind
from node.storage.clean_index import CleanIndexStore
from node.storage.engine import Database, writing
from node.storage.exclusion_rows import ExclusionRowsStore
from node.storage.header_rows import HeaderRowsStore
from node.storage.image_headers import ImageHeaders
from node.storage.intake_tables import PATIENT

DATABASE = Database.INTAKE
IT = Actor(ActorKind.NODE, "jobs")


def header(uid: str = "1.1", study: str = "1", number: int | None = None) -> CleanHeader:
    made = describe(dicom_file(dataset(uid, study=study)))
    return replace(made, instance_number=number, metadata=f'{{"uid":"{uid}"}}'.encode(), patient_id="P-ABC")


def keep(engine: Engine, *headers: CleanHeader, patient: int = 1) -> list[str]:
    """The headers belong to images of this patient; the images' identifiers."""
    images = [Undescribed(new_id(), patient) for _ in headers]
    batch = [Described(image, one) for image, one in zip(images, headers, strict=True)]
    HeaderRowsStore(engine).keep(batch, START)
    return [image.image_id for image in images]


def search(engine: Engine, level: Level = Level.INSTANCE, limit: int = 100, **keys: object) -> FoundPage:
    return CleanIndexStore(engine).search(replace(ImageSearch(level, limit), **keys))  # type: ignore[arg-type]  # keys by name


def test_a_header_kept_again_replaces_itself(engine: Engine) -> None:
    image = Undescribed(new_id(), 1)
    for number in (1, 2):
        HeaderRowsStore(engine).keep([Described(image, header(number=number))], START)
    assert len(search(engine).found) == 1
    (study,) = search(engine, Level.STUDY).found
    assert (study.series_count, study.instance_count, study.modalities) == (1, 1, ("CR",))


def test_an_image_without_a_header_is_kept_as_asked(engine: Engine) -> None:
    HeaderRowsStore(engine).keep([Described(Undescribed(new_id(), 1), None)], START)
    HeaderRowsStore(engine).keep([], START)
    assert search(engine) == FoundPage((), 0)
    assert HeaderRowsStore(engine).undescribed(10) == []


def test_metadata_and_files_stand_in_the_order_of_the_instances(engine: Engine) -> None:
    keep(engine, header("1.3", number=3), header("1.1", number=1), header("1.2", number=2))
    index = CleanIndexStore(engine)
    assert index.metadata(Place("1", "1.1")) == [b'{"uid":"1.1"}', b'{"uid":"1.2"}', b'{"uid":"1.3"}']
    assert [one.instance_uid for one in index.held(Place("1"))] == ["1.1", "1.2", "1.3"]
    (held,) = index.held(Place("1", "1.1", "1.2"))
    assert (held.frames, held.frame_bytes, held.fragments) == (1, 256, ())
    assert held.spans["7FE00010"][1] == 256
    assert index.metadata(Place("2")) == []
    assert index.held(Place("1", "1.1", "9")) == []


def test_upper_and_lower_case_differ_and_wild_cards_stand_for_what_they_say(engine: Engine) -> None:
    keep(engine, header())
    hits = ("P-ABC", "P-*", "?-ABC", "*", "")
    misses = ("p-abc", "p-*", "P-AB", "P_ABC*", "P%", "P-AB[C]*", "*?D", "\\*")
    for level in Level:
        assert [len(search(engine, level, patient_id=value).found) for value in hits] == [1] * len(hits)
        assert [value for value in misses if search(engine, level, patient_id=value).found] == []


def test_an_attribute_of_study_or_series_is_matched_by_text_name_and_time(engine: Engine) -> None:
    made = header()
    study = '{"00080030":{"vr":"TM","Value":["101500"]},"00100010":{"vr":"PN","Value":[{"Alphabetic":"P^One"}]}}'
    keep(engine, replace(made, study=study))
    hits = (("00080030", "101500"), ("00080030", "10-11"), ("00080030", "-1015"), ("00100010", "P^*"))
    misses = (("00080030", "1015"), ("00080030", "11-"), ("00100010", "p^*"), ("00200010", "?*"), ("00200010", "x"))
    for level in Level:
        found = [len(search(engine, level, values=((Level.STUDY, *key),)).found) for key in (*hits, *misses)]
        assert found == [1] * len(hits) + [0] * len(misses)
    assert len(search(engine, Level.SERIES, values=((Level.SERIES, "00080060", "CR"),)).found) == 1


def test_what_is_left_of_a_search_is_counted(engine: Engine) -> None:
    keep(engine, *(header(f"1.{number}", number=number) for number in range(7)))
    assert [search(engine, limit=3, offset=offset).more for offset in (0, 3, 6, 9)] == [4, 1, 0, 0]
    assert [len(search(engine, limit=3, offset=offset).found) for offset in (0, 3, 6, 9)] == [3, 3, 1, 0]
    assert search(engine, nothing=True) == FoundPage((), 0)


def test_objects_above_and_metadata_come_where_they_are_wanted(engine: Engine) -> None:
    keep(engine, header())
    (plain,) = search(engine).found
    assert (plain.study, plain.series, plain.metadata) == ("", "", b"")
    (whole,) = search(engine, with_above=True, with_metadata=True).found
    assert all((whole.study, whole.series, whole.instance, whole.metadata))


@pytest.mark.parametrize("level", list(Level))
def test_a_patient_with_a_tombstone_is_not_found_and_others_of_the_same_study_are(engine: Engine, level: Level) -> None:
    with writing(engine) as connection:
        for lookup in ("a" * 64, "b" * 64):
            connection.execute(insert(PATIENT).values(patient_lookup=lookup, sealed_identity=b"", number_lookup=lookup))
    images = [*keep(engine, header("1.1"), patient=1), *keep(engine, header("1.2"), patient=2)]
    assert len(search(engine, level).found) == 2
    entry = ExclusionEntry(new_id(), "a" * 64, ExclusionKind.OPT_OUT, None, START, IT)
    ExclusionRowsStore(engine).add([entry], AuditEvent(START, IT, "exclusion.added", "exclusion:1"))
    assert len(search(engine, level).found) == 1
    assert [one.instance_uid for one in CleanIndexStore(engine).held(Place("1"))] == ["1.2"]
    assert CleanIndexStore(engine).metadata(Place("1")) == [b'{"uid":"1.2"}']
    assert list(ImageHeaders(engine).headers(images)) == images[1:]


def test_headers_are_found_by_image(engine: Engine) -> None:
    first, second = keep(engine, header("1.1"), header("1.2"))
    found = ImageHeaders(engine).headers([first, second, new_id()])
    assert found == {first: b'{"uid":"1.1"}', second: b'{"uid":"1.2"}'}
    assert ImageHeaders(engine).headers([]) == {}
