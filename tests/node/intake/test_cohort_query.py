"""What may be asked of an archive, and when."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from node.ground.texts import Language
from node.intake.cohort_query import CohortQuery, read, written
from node.intake.errors import PullQueryInvalid, PullQueryUnbounded
from node.intake.hours import Hours, hours_of

SEOUL = ZoneInfo("Asia/Seoul")


def test_each_day_and_modality_is_a_question_of_its_own() -> None:
    query = CohortQuery(("CR", "DX"), first_day=date(2024, 2, 28), last_day=date(2024, 3, 1))
    days = ["20240228", "20240228", "20240229", "20240229", "20240301", "20240301"]
    assert [keys["StudyDate"] for keys in query.questions()] == days
    assert [keys["ModalitiesInStudy"] for keys in query.questions()] == ["CR", "DX"] * 3


def test_accession_numbers_are_asked_one_by_one_within_the_days() -> None:
    query = CohortQuery(first_day=date(2024, 1, 1), last_day=date(2024, 12, 31), accession_numbers=("A1", "접수 2"))
    span = {"StudyDate": "20240101-20241231"}
    assert list(query.questions()) == [{"AccessionNumber": "A1", **span}, {"AccessionNumber": "접수 2", **span}]


def test_a_series_is_wanted_by_modality_and_body_part_and_never_missed_for_an_empty_one() -> None:
    query = CohortQuery(("CR",), ("CHEST",), accession_numbers=("A1",))
    assert query.wants("CR", "chest")
    assert query.wants("CR", "")
    assert not query.wants("CR", "HAND")
    assert not query.wants("CT", "CHEST")


def test_a_query_is_read_as_it_was_written() -> None:
    for query in (
        CohortQuery(("CR",), ("CHEST",), date(2024, 1, 1), date(2024, 1, 2), ("A1",)),
        CohortQuery(accession_numbers=("A1", "A2")),
    ):
        assert read(written(query)) == query


@pytest.mark.parametrize(("first", "last"), [(None, None), (date(2024, 1, 1), None), (None, date(2024, 1, 1))])
def test_a_query_without_bounds_is_refused(first: date | None, last: date | None) -> None:
    with pytest.raises(PullQueryUnbounded) as refused:
        CohortQuery(("CR",), first_day=first, last_day=last)
    assert "--from" in refused.value.public_text(Language.KO)


@pytest.mark.parametrize("number", ["A*", "A?", "A\\B", "", "1" * 17, "A\n"])
def test_an_accession_number_that_matches_more_than_itself_is_refused_unnamed(number: str) -> None:
    with pytest.raises(PullQueryInvalid) as refused:
        CohortQuery(accession_numbers=("GOOD", number))
    assert "GOOD" not in str(refused.value)


def test_days_that_run_backwards_or_too_long_and_odd_codes_are_refused() -> None:
    with pytest.raises(PullQueryInvalid, match="from, to"):
        CohortQuery(first_day=date(2024, 1, 2), last_day=date(2024, 1, 1))
    with pytest.raises(PullQueryInvalid, match="from, to"):
        CohortQuery(first_day=date(1900, 1, 1), last_day=date(2024, 1, 1))
    with pytest.raises(PullQueryInvalid, match="modality"):
        CohortQuery(("C*",), accession_numbers=("A1",))


@pytest.mark.parametrize(
    ("hours", "now", "opens"),
    [
        (Hours(time(20), time(6), SEOUL), (12, 0), (20, 0)),
        (Hours(time(20), time(6), SEOUL), (20, 0), (20, 0)),
        (Hours(time(20), time(6), SEOUL), (3, 0), (3, 0)),
        (Hours(time(20), time(6), SEOUL), (6, 0), (20, 0)),
        (Hours(time(1), time(5), SEOUL), (0, 30), (1, 0)),
        (Hours(time(1), time(5), SEOUL), (4, 59), (4, 59)),
        (Hours(time(8), time(8), SEOUL), (7, 0), (7, 0)),
    ],
)
def test_a_source_opens_at_its_hours_in_the_hospitals_zone(
    hours: Hours, now: tuple[int, int], opens: tuple[int, int]
) -> None:
    at = datetime(2026, 11, 22, *now, tzinfo=SEOUL).astimezone(UTC)
    assert hours.opens_at(at) == datetime(2026, 11, 22, *opens, tzinfo=SEOUL)


def test_after_the_close_it_opens_the_next_day() -> None:
    at = datetime(2026, 11, 22, 23, 0, tzinfo=SEOUL)
    assert Hours(time(1), time(5), SEOUL).opens_at(at) == datetime(2026, 11, 23, 1, 0, tzinfo=SEOUL)


def test_hours_are_two_times_of_day_or_none() -> None:
    assert hours_of(None, SEOUL) is None
    assert hours_of("20:00-06:00", SEOUL) == Hours(time(20), time(6), SEOUL)
