"""Answers and consensus as structured reports: TID 1500, one measurement group an answer, choices as coded concepts.

A number is a measurement in its UCUM unit, a choice or an abstention a qualitative evaluation; confidence, posterior
and votes are measurements of their own. What was drawn is not said, only what was answered about each thing drawn,
under its tracking UID. The observer is the reader's code; of a consensus it is the node.
Source: DICOM PS3.16 TID 1500, TID 1501, TID 1419; PS3.3 section A.35.3 (Comprehensive SR).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from highdicom.sr import (
    CodedConcept,
    ComprehensiveSR,
    DeviceObserverIdentifyingAttributes,
    Measurement,
    MeasurementReport,
    MeasurementsAndQualitativeEvaluations,
    ObservationContext,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
    QualitativeEvaluation,
    SourceImageForMeasurementGroup,
    TrackingIdentifier,
)
from pydicom import Dataset

from node.labeling.formats.dicom_objects import MAKER, Sources, finished, opened, person
from node.labeling.formats.dicom_words import (
    IMAGING_PROCEDURE,
    MEASUREMENT_GROUP,
    PART_SCHEME,
    TRACKING_IDENTIFIER,
    TRACKING_UID,
    Key,
    Words,
    key_of,
    part,
    unit,
)
from node.labeling.formats.exported import (
    ExportedAnswer,
    ExportedPlace,
    ExportedReading,
    ExportedVote,
    Readings,
    Votes,
    keeping,
)
from protocols.labels import Abstention, LabelSchema

KIND: Final = "sr"
_PERSON, _DEVICE = CodedConcept("121006", "DCM", "Person"), CodedConcept("121007", "DCM", "Device")
_OBSERVER: Final = ("121008", "DCM")
"""Person Observer Name."""
_NO_UNIT: Final = "1"
_ANSWER: Final = "answer"
"""With its number: the tracking identifier of what is about no thing."""


def says(reading: ExportedReading) -> ExportedReading | None:
    """The part of a reading that a report holds: all but what was drawn; none where there is none."""
    return keeping(reading, lambda answer: None if answer.marks else answer)


def write_reports(sources: Sources) -> Iterator[bytes]:
    """The report of what was agreed, and of each reading of the case."""
    words = Words(sources.schema)
    written = list[tuple[str | None, list[MeasurementsAndQualitativeEvaluations]]]()
    if sources.labels.votes:
        written.append((None, [_vote_group(sources, words, vote) for vote in sources.labels.votes]))
    for reading in (one for one in map(says, sources.labels.readings) if one is not None):
        answers = enumerate(reading.answers, start=1)
        written.append((reading.author, [_group(sources, words, reading.author, one) for one in answers]))
    for number, (author, groups) in enumerate(written, start=1):
        yield finished(_made(sources, author, groups, number), sources)


def read_reports(files: Iterable[bytes], cases: Mapping[str, str], schema: LabelSchema) -> tuple[Votes, Readings]:
    """What the reports say; `cases` has the case of each instance UID.

    Raises:
        ValueError: a code is none of the schema, or a report names an image that is in no case.
    """
    words = Words(schema)
    votes: dict[str, tuple[ExportedVote, ...]] = {}
    readings: dict[str, list[ExportedReading]] = {}
    for made in opened(list(files)):
        case = cases.get(_instance(made))
        if case is None:
            raise ValueError("an image that is in no case")
        groups = [_Group.of(item) for item in _walk(made) if _name(item) == MEASUREMENT_GROUP]
        author = next((str(one.PersonName).rstrip("^") for one in _walk(made) if _name(one) == _OBSERVER), None)
        if author is None:
            votes[case] = tuple(_vote(words, one) for one in groups)
        else:
            readings.setdefault(case, []).append(ExportedReading(author, tuple(_answer(words, one) for one in groups)))
    return votes, {case: tuple(sorted(found, key=lambda one: one.author)) for case, found in readings.items()}


def _made(
    sources: Sources, author: str | None, groups: list[MeasurementsAndQualitativeEvaluations], number: int
) -> ComprehensiveSR:
    report = MeasurementReport(
        observation_context=_context(sources, author),
        procedure_reported=IMAGING_PROCEDURE,
        imaging_measurements=groups,
    )
    return ComprehensiveSR(
        evidence=list(sources.headers.values()),
        content=report,
        series_number=9002,
        is_complete=True,
        is_final=True,
        **sources.named(KIND, number),
    )


def _context(sources: Sources, author: str | None) -> ObservationContext:
    if author is None:
        device = DeviceObserverIdentifyingAttributes(uid=sources.uid("consensus"), name=MAKER)
        return ObservationContext(observer_device_context=ObserverContext(_DEVICE, device))
    reader = PersonObserverIdentifyingAttributes(name=person(author))
    return ObservationContext(observer_person_context=ObserverContext(_PERSON, reader))


def _vote_group(sources: Sources, words: Words, vote: ExportedVote) -> MeasurementsAndQualitativeEvaluations:
    counted = {"posterior": vote.posterior, "votes": vote.votes, "abstentions": vote.abstentions}
    option = [] if vote.option is None else [_evaluation(words, vote.name, vote.option)]
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(sources.uid(f"{sources.labels.case}/{vote.name}"), vote.name),
        measurements=[Measurement(part(name), value, unit(_NO_UNIT)) for name, value in counted.items()],
        qualitative_evaluations=option,
    )


def _evaluation(words: Words, name: str, option: str) -> QualitativeEvaluation:
    voted = part(option) if "/" in name else words.option(name, option)
    return QualitativeEvaluation(words.question(name), voted)


def _group(
    sources: Sources, words: Words, author: str, numbered: tuple[int, ExportedAnswer]
) -> MeasurementsAndQualitativeEvaluations:
    number, answer = numbered
    question = words.question(answer.question)
    own = sources.uid(f"{sources.labels.case}/{author}/{number}")
    values = [words.option(answer.question, one) for one in answer.chosen]
    if answer.abstention is not None:
        values.append(part(answer.abstention.value))
    measured = []
    if answer.number is not None:
        measured.append(Measurement(question, answer.number, unit(_unit(words, answer.question))))
    if answer.confidence is not None:
        measured.append(Measurement(part("confidence"), answer.confidence, unit(_NO_UNIT)))
    return MeasurementsAndQualitativeEvaluations(
        tracking_identifier=TrackingIdentifier(answer.tracking_uid or own, answer.thing or f"{_ANSWER} {number}"),
        measurements=measured,
        qualitative_evaluations=[QualitativeEvaluation(question, value) for value in values],
        source_images=_shown(sources, answer.place),
    )


def _shown(sources: Sources, place: ExportedPlace | None) -> list[SourceImageForMeasurementGroup]:
    if place is None:
        return []
    header = sources.headers[place.instance_uid]
    frames = None if place.frame is None else [place.frame]
    return [SourceImageForMeasurementGroup(header.SOPClassUID, place.instance_uid, frames)]


def _unit(words: Words, question: str) -> str:
    found = words.schema.question(question)
    return _NO_UNIT if found is None or found.number is None else found.number.unit


@dataclass(slots=True)
class _Group:
    """One measurement group, taken apart."""

    tracking_id: str = ""
    tracking_uid: str = ""
    evaluations: list[tuple[Key, Key]] = field(default_factory=list)
    measured: list[tuple[Key, float]] = field(default_factory=list)
    place: ExportedPlace | None = None

    @staticmethod
    def of(item: Dataset) -> _Group:
        """What the group says."""
        found = _Group()
        for one in item.ContentSequence:
            name = _name(one)
            if name == TRACKING_IDENTIFIER:
                found.tracking_id = str(one.TextValue)
            elif name == TRACKING_UID:
                found.tracking_uid = str(one.UID)
            elif one.ValueType == "CODE":
                found.evaluations.append((name, key_of(one.ConceptCodeSequence[0])))
            elif one.ValueType == "NUM":
                found.measured.append((name, _value(one)))
            elif one.ValueType == "IMAGE":
                found.place = _place(one)
        return found

    def of_part(self, word: str) -> float | None:
        """The measurement under a word of every export."""
        return next((value for name, value in self.measured if name == (word, PART_SCHEME)), None)


def _vote(words: Words, group: _Group) -> ExportedVote:
    question, _, voted = group.tracking_id.partition("/")
    values = [value if voted else words.option_of(question, key) for _, key in group.evaluations for value in [key[0]]]
    posterior, votes, abstentions = (group.of_part(name) for name in ("posterior", "votes", "abstentions"))
    if posterior is None or votes is None or abstentions is None:
        raise ValueError("a consensus without its votes")
    option = values[0] if values else None
    return ExportedVote(group.tracking_id, option, posterior, int(votes), int(abstentions))


def _answer(words: Words, group: _Group) -> ExportedAnswer:
    measured = next(((name, value) for name, value in group.measured if name[1] != PART_SCHEME), None)
    name = group.evaluations[0][0] if measured is None else measured[0]
    question = words.question_of(name)
    values = [value for _, value in group.evaluations]
    abstained = [value for value, scheme in values if scheme == PART_SCHEME]
    about_thing = not group.tracking_id.startswith(f"{_ANSWER} ")
    return ExportedAnswer(
        question=question,
        chosen=tuple(words.option_of(question, value) for value in values if value[1] != PART_SCHEME),
        number=None if measured is None else measured[1],
        abstention=Abstention(abstained[0]) if abstained else None,
        confidence=group.of_part("confidence"),
        place=group.place,
        thing=group.tracking_id if about_thing else None,
        tracking_uid=group.tracking_uid if about_thing else None,
    )


def _value(item: Dataset) -> float:
    measured = item.MeasuredValueSequence[0]
    return float(measured.FloatingPointValue if "FloatingPointValue" in measured else measured.NumericValue)


def _place(item: Dataset) -> ExportedPlace:
    image = item.ReferencedSOPSequence[0]
    frame = image.get("ReferencedFrameNumber")
    return ExportedPlace(str(image.ReferencedSOPInstanceUID), None if frame is None else int(frame))


def _instance(made: Dataset) -> str:
    """An image that the report speaks of."""
    study = made.CurrentRequestedProcedureEvidenceSequence[0]
    return str(study.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID)


def _name(item: Dataset) -> Key:
    return key_of(item.ConceptNameCodeSequence[0]) if "ConceptNameCodeSequence" in item else ("", "")


def _walk(item: Dataset) -> Iterator[Dataset]:
    yield item
    for one in item.get("ContentSequence", []):
        yield from _walk(one)
