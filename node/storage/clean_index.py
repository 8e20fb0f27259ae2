"""Questions about clean images, answered from their headers in `intake.db`; no file is opened.

A patient whose tombstone is recorded is not found from that moment on, whatever rows and files there still are.
Results stand in the order in which their rows came, instances of a series in the order of their numbers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    String,
    cast,
    exists,
    func,
    or_,
    select,
)

from node.flows.image_search import FoundImages, FoundPage, HeldImage, ImageSearch, Level, Place
from node.storage.database_errors import refusing
from node.storage.engine import reading
from node.storage.header_tables import CLEAN_INSTANCE, CLEAN_SERIES, CLEAN_STUDY
from node.storage.intake_tables import PATIENT, TOMBSTONE

_STUDY, _SERIES, _INSTANCE = CLEAN_STUDY.c, CLEAN_SERIES.c, CLEAN_INSTANCE.c
_OF_SERIES = (_SERIES.study_uid == _STUDY.study_uid) & (_SERIES.patient_number == _STUDY.patient_number)
_OF_INSTANCE = (
    (_INSTANCE.study_uid == _SERIES.study_uid)
    & (_INSTANCE.series_uid == _SERIES.series_uid)
    & (_INSTANCE.patient_number == _SERIES.patient_number)
)
_AT_A_TIME: Final = 500
_NAMES: Final = frozenset({"00080090", "00100010"})
_MOMENTS: Final = frozenset({"00080021", "00080030", "00080031", "00100030", "00400244", "00400245"})


def visible(patient_number: ColumnElement[int]) -> ColumnElement[bool]:
    """Whether a row's patient has no tombstone; asked by row, it costs the same however many patients there are."""
    theirs = PATIENT.c.patient_number == patient_number
    return ~exists().where(theirs, TOMBSTONE.c.patient_lookup == PATIENT.c.patient_lookup)


class CleanIndexStore:
    """Implements `CleanIndex`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(self, wanted: ImageSearch) -> FoundPage:
        """What matches. Raises: StoreFailed."""
        if wanted.nothing:
            return FoundPage((), 0)
        query = self._query(wanted)
        page = query.limit(wanted.limit).offset(wanted.offset)
        with refusing(), reading(self._engine) as connection:
            rows = connection.execute(page).all()
            more = 0
            if len(rows) == wanted.limit:
                every = select(func.count()).select_from(query.order_by(None).subquery())
                more = max(0, (connection.scalar(every) or 0) - wanted.offset - len(rows))
            return FoundPage(tuple(_found(connection, wanted.level, rows)), more)

    def metadata(self, place: Place) -> Sequence[bytes]:
        """The metadata of every instance of a place. Raises: StoreFailed."""
        with refusing(), reading(self._engine) as connection:
            return list(connection.scalars(_placed(select(_INSTANCE.metadata), place)))

    def places(self, image_ids: Sequence[str]) -> Mapping[str, Place]:
        """Where each of these images stands; one that cannot be found is left out. Raises: StoreFailed."""
        columns = (_INSTANCE.image_id, _INSTANCE.study_uid, _INSTANCE.series_uid, _INSTANCE.instance_uid)
        query = select(*columns).where(visible(_INSTANCE.patient_number))
        found: dict[str, Place] = {}
        with refusing(), reading(self._engine) as connection:
            for start in range(0, len(image_ids), _AT_A_TIME):
                some = query.where(_INSTANCE.image_id.in_(image_ids[start : start + _AT_A_TIME]))
                for row in connection.execute(some):
                    found[row.image_id] = Place(row.study_uid, row.series_uid, row.instance_uid)
        return found

    def held(self, place: Place) -> Sequence[HeldImage]:
        """Every image of a place. Raises: StoreFailed."""
        query = select(
            _INSTANCE.image_id,
            _INSTANCE.instance_uid,
            _INSTANCE.transfer_syntax_uid,
            _INSTANCE.frames,
            _INSTANCE.frame_bytes,
            _INSTANCE.places,
        )
        with refusing(), reading(self._engine) as connection:
            return [held_image(row) for row in connection.execute(_placed(query, place))]

    def _query(self, wanted: ImageSearch) -> Select[Any]:
        return _LEVELS[wanted.level](wanted).where(*self._matching(wanted))

    def _matching(self, wanted: ImageSearch) -> list[ColumnElement[bool]]:
        """The keys as conditions on the tables of the search's level and those above it."""
        column = {Level.STUDY: _STUDY, Level.SERIES: _SERIES, Level.INSTANCE: _INSTANCE}[wanted.level]
        conditions = [
            *_among(column.study_uid, wanted.study_uids),
            *self._like(_STUDY.patient_id, wanted.patient_id),
            *self._like(_SERIES.modality, wanted.modality),
        ]
        if wanted.study_dates is not None:
            first, last = wanted.study_dates
            conditions.append(_STUDY.study_date.between(first or "00000000", last or "99999999"))
        if wanted.modalities_in_study:
            any_of = or_(
                *(part for value in wanted.modalities_in_study for part in self._like(_SERIES.modality, value))
            )
            conditions.append(exists().where(_OF_SERIES, any_of).correlate(CLEAN_STUDY))
        for level, tag, value in wanted.values:
            conditions += self._holds(_STUDY if level is Level.STUDY else _SERIES, tag, value)
        if wanted.level is not Level.STUDY:
            conditions += _among(column.series_uid, wanted.series_uids)
        if wanted.series_number is not None:
            conditions.append(_SERIES.series_number == wanted.series_number)
        if wanted.level is Level.INSTANCE:
            conditions += _among(_INSTANCE.instance_uid, wanted.instance_uids)
            conditions += _among(_INSTANCE.sop_class_uid, wanted.sop_class_uids)
        if wanted.instance_number is not None:
            conditions.append(_INSTANCE.instance_number == wanted.instance_number)
        return conditions

    def _holds(self, table: Any, tag: str, value: str) -> list[ColumnElement[bool]]:
        """The attribute in the JSON Model object of a study or series has the value, or a day or time within it."""
        path = (tag, "Value", "0", "Alphabetic") if tag in _NAMES else (tag, "Value", "0")
        if self._engine.dialect.name == "sqlite":
            steps = "".join(f"[{step}]" if step == "0" else f'."{step}"' for step in path)
            found: ColumnElement[str] = cast(func.json_extract(table.attributes, f"${steps}"), String)
        else:
            found = func.json_extract_path_text(cast(table.attributes, JSON), *path)
        first, dash, last = value.partition("-")
        if dash and tag in _MOMENTS:
            return [found.between(first or "0", f"{last or '99999999'}~")]
        return self._like(found, value)

    def _like(self, column: ColumnElement[str], value: str) -> list[ColumnElement[bool]]:
        """Wild card matching, in which upper and lower case differ. Source: PS3.4 section C.2.2.2.4."""
        if not value or not value.strip("*"):
            return []
        if not set(value) & set("*?"):
            return [column == value]
        if self._engine.dialect.name == "sqlite":
            return [column.bool_op("GLOB")(value.replace("[", "[[]"))]
        for special in "\\%_":
            value = value.replace(special, f"\\{special}")
        return [column.like(value.replace("*", "%").replace("?", "_"), escape="\\")]


def _selecting(*columns: ColumnElement[Any]) -> Select[Any]:
    return select(*columns)


def _studies(_wanted: ImageSearch) -> Select[Any]:
    query = _selecting(_STUDY.attributes, _STUDY.study_uid, _STUDY.patient_number)
    return query.where(visible(_STUDY.patient_number)).order_by(_STUDY.number)


def _series(_wanted: ImageSearch) -> Select[Any]:
    columns = (_SERIES.attributes, _SERIES.study_uid, _SERIES.series_uid, _SERIES.patient_number)
    query = _selecting(*columns, _STUDY.attributes.label("study")).join_from(CLEAN_SERIES, CLEAN_STUDY, _OF_SERIES)
    return query.where(visible(_SERIES.patient_number)).order_by(_SERIES.number)


def _instances(wanted: ImageSearch) -> Select[Any]:
    """Instances; joined with their series and studies only where the search asks for or about those."""
    query: Select[Any] = select(_INSTANCE.attributes)
    if wanted.with_metadata:
        query = query.add_columns(_INSTANCE.metadata)
    if wanted.with_above:
        query = query.add_columns(_SERIES.attributes.label("series"), _STUDY.attributes.label("study"))
    about_above = (
        wanted.patient_id, wanted.study_dates, wanted.modalities_in_study, wanted.modality, wanted.series_number,
        wanted.values,
    )  # fmt: skip
    if wanted.with_above or any(key not in {"", (), None} for key in about_above):
        query = query.join_from(CLEAN_INSTANCE, CLEAN_SERIES, _OF_INSTANCE).join(CLEAN_STUDY, _OF_SERIES)
    query = query.where(visible(_INSTANCE.patient_number))
    return query.order_by(_INSTANCE.study_uid, _INSTANCE.series_uid, _INSTANCE.instance_number, _INSTANCE.number)


_LEVELS: Final = {Level.STUDY: _studies, Level.SERIES: _series, Level.INSTANCE: _instances}


def _among(column: Column[str], values: Sequence[str]) -> list[ColumnElement[bool]]:
    return [column.in_(values)] if values else []


def _placed(query: Select[Any], place: Place) -> Select[Any]:
    named: list[tuple[ColumnElement[str], str]] = [
        (_INSTANCE.study_uid, place.study_uid),
        (_INSTANCE.series_uid, place.series_uid),
        (_INSTANCE.instance_uid, place.instance_uid),
    ]
    if place.instance_uid:  # by its own index: SQLite would read the whole series by that of the place
        named[:2] = [(func.coalesce(column, ""), value) for column, value in named[:2]]
    query = query.where(*(column == value for column, value in named if value))
    query = query.where(visible(_INSTANCE.patient_number))
    return query.order_by(_INSTANCE.study_uid, _INSTANCE.series_uid, _INSTANCE.instance_number, _INSTANCE.number)


def _found(connection: Connection, level: Level, rows: Sequence[Row[Any]]) -> list[FoundImages]:
    match level:
        case Level.STUDY:
            return _found_studies(connection, rows)
        case Level.SERIES:
            return _found_series(connection, rows)
        case Level.INSTANCE:
            return _found_instances(rows)


def _found_instances(rows: Sequence[Row[Any]]) -> list[FoundImages]:
    """One for each row. Which columns there are is asked once: of each row, an absent one costs more than all else."""
    if not rows:
        return []
    at = {name: place for place, name in enumerate(rows[0]._fields)}
    instance, study, series, metadata = at["attributes"], at.get("study"), at.get("series"), at.get("metadata")
    return [
        FoundImages(
            study="" if study is None else row[study],
            series="" if series is None else row[series],
            instance=row[instance],
            metadata=b"" if metadata is None else row[metadata],
        )
        for row in rows
    ]


def _found_studies(connection: Connection, rows: Sequence[Row[Any]]) -> list[FoundImages]:
    uids = [row.study_uid for row in rows]
    modalities: dict[tuple[str, int], list[str]] = defaultdict(list)
    series = select(_SERIES.study_uid, _SERIES.patient_number, _SERIES.modality)
    for one in connection.execute(series.where(_SERIES.study_uid.in_(uids))):
        modalities[one.study_uid, one.patient_number].append(one.modality)
    same = (_INSTANCE.study_uid, _INSTANCE.patient_number)
    counting = select(*same, func.count().label("instances")).where(_INSTANCE.study_uid.in_(uids)).group_by(*same)
    counts = {(one.study_uid, one.patient_number): one.instances for one in connection.execute(counting)}
    return [
        FoundImages(
            study=row.attributes,
            modalities=tuple(sorted({one for one in modalities[row.study_uid, row.patient_number] if one})),
            series_count=len(modalities[row.study_uid, row.patient_number]),
            instance_count=counts.get((row.study_uid, row.patient_number), 0),
        )
        for row in rows
    ]


def _found_series(connection: Connection, rows: Sequence[Row[Any]]) -> list[FoundImages]:
    same = (_INSTANCE.study_uid, _INSTANCE.series_uid, _INSTANCE.patient_number)
    counting = select(*same, func.count().label("instances")).group_by(*same)
    counting = counting.where(_INSTANCE.study_uid.in_({row.study_uid for row in rows}))
    counts = {
        (one.study_uid, one.series_uid, one.patient_number): one.instances for one in connection.execute(counting)
    }
    return [
        FoundImages(
            study=row.study,
            series=row.attributes,
            instance_count=counts.get((row.study_uid, row.series_uid, row.patient_number), 0),
        )
        for row in rows
    ]


def held_image(row: Row[Any]) -> HeldImage:
    """The image that a row of instances holds."""
    places = json.loads(row.places)
    return HeldImage(
        image_id=row.image_id,
        instance_uid=row.instance_uid,
        transfer_syntax_uid=row.transfer_syntax_uid,
        frames=row.frames,
        frame_bytes=row.frame_bytes,
        spans={path: (start, length) for path, (start, length) in places["spans"].items()},
        fragments=tuple(tuple((start, length) for start, length in frame) for frame in places["fragments"]),
    )
