"""Consensus and readings as a FHIR bundle: a report for what was agreed on a case and for each reading of it.

Every answer is an Observation; codes of standard schemes stand beside the schema's own. No resource has a subject, a
date or a performer's name: a report names its study by UID and its reader by the project's code. What was drawn is not
said, only what was answered about each thing drawn, under its tracking UID. Source: FHIR R4 (4.0.1) Observation,
DiagnosticReport, Bundle; DICOM PS3.20 and FHIR ImagingStudy for `urn:dicom:uid`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final
from uuid import NAMESPACE_OID, uuid5

from node.labeling.formats.exported import (
    CaseLabels,
    ExportedAnswer,
    ExportedPlace,
    ExportedReading,
    ExportedVote,
    ProjectLabels,
    Readings,
    Votes,
    keeping,
)
from protocols.encoding import canonical_json
from protocols.labels import Abstention, CodedConcept, LabelSchema

LOCAL: Final = "urn:intramuros"
_UIDS: Final = "urn:dicom:uid"
_ABSTENTIONS: Final = f"{LOCAL}:abstention"
_PARTS: Final = f"{LOCAL}:part"
_UNKNOWN: Final = {"system": "http://terminology.hl7.org/CodeSystem/data-absent-reason", "code": "unknown"}
_SYSTEMS: Final = {
    "SCT": "http://snomed.info/sct",
    "LN": "http://loinc.org",
    "RADLEX": "http://radlex.org",
    "DCM": "http://dicom.nema.org/resources/ontology/DCM",
    "UCUM": "http://unitsofmeasure.org",
}
_IMAGING: Final = {"system": _SYSTEMS["LN"], "code": "18748-4", "display": "Diagnostic imaging study"}
Resource = dict[str, Any]


def says(reading: ExportedReading) -> ExportedReading | None:
    """The part of a reading that the bundle holds: all but what was drawn; none where there is none."""
    return keeping(reading, lambda answer: None if answer.marks else answer)


def write_fhir(labels: ProjectLabels) -> bytes:
    """The bundle of a project."""
    words = _Words(labels.schema)
    entries = [
        {"fullUrl": f"urn:uuid:{uuid5(NAMESPACE_OID, resource['id'])}", "resource": resource}
        for case in labels.cases
        for resource in _of_case(words, case)
    ]
    return canonical_json({"resourceType": "Bundle", "type": "collection", "entry": entries})


def read_fhir(contents: bytes) -> tuple[Votes, Readings]:
    """What a bundle of `write_fhir` says. Raises: ValueError, KeyError for anything else."""
    resources = {entry["resource"]["id"]: entry["resource"] for entry in json.loads(contents)["entry"]}
    votes: dict[str, tuple[ExportedVote, ...]] = {}
    readings: dict[str, list[ExportedReading]] = {}
    for report in (one for one in resources.values() if one["resourceType"] == "DiagnosticReport"):
        case, results = report["identifier"][0]["value"], report.get("result", [])
        found = [resources[one["reference"].partition("/")[2]] for one in results]
        if "performer" in report:
            author = report["performer"][0]["identifier"]["value"]
            reading = ExportedReading(author, tuple(_answer(one) for one in found))
            readings.setdefault(case, []).append(reading)
        else:
            votes[case] = tuple(_vote(one) for one in found)
    return votes, {case: tuple(of_case) for case, of_case in readings.items()}


class _Words:
    """The schema's words as FHIR codes."""

    def __init__(self, schema: LabelSchema) -> None:
        self._schema = schema
        self._system = f"{LOCAL}:schema:{schema.schema_code}:{schema.schema_version}"

    def question(self, name: str) -> Resource:
        """The code of a question, or of one option of it that is voted on."""
        code, _, option = name.partition("/")
        question = self._schema.question(code)
        concept = None if question is None or option else question.concept
        return self._concept(name, concept)

    def option(self, name: str, option: str) -> Resource:
        """The code of one option."""
        question = self._schema.question(name.partition("/")[0])
        found = None if question is None else question.option(option)
        return self._concept(option, None if found is None else found.concept)

    def unit(self, name: str) -> str:
        """The question's unit, as UCUM writes it."""
        question = self._schema.question(name)
        return "1" if question is None or question.number is None else question.number.unit

    def _concept(self, code: str, concept: CodedConcept | None) -> Resource:
        coding = [{"system": self._system, "code": code}]
        if concept is not None and concept.scheme in _SYSTEMS:
            standard = {"system": _SYSTEMS[concept.scheme], "code": concept.value, "display": concept.meaning}
            coding.append(standard)
        return {"coding": coding}


def _of_case(words: _Words, case: CaseLabels) -> Iterator[Resource]:
    if case.votes:
        name = f"{case.case}.consensus"
        observed = [
            _observation(f"{name}.{number}", _voted(words, vote)) for number, vote in enumerate(case.votes, start=1)
        ]
        yield _report(name, case, observed)
        yield from observed
    for reading in (one for one in map(says, case.readings) if one is not None):
        name = f"{case.case}.{reading.author}"
        observed = [
            _observation(f"{name}.{number}", _answered(words, answer))
            for number, answer in enumerate(reading.answers, start=1)
        ]
        performer = {"identifier": {"system": f"{LOCAL}:reader", "value": reading.author}}
        yield _report(name, case, observed) | {"performer": [performer]}
        yield from observed


def _report(name: str, case: CaseLabels, observed: list[Resource]) -> Resource:
    studies = sorted({image.study_uid for image in case.images})
    return {
        "resourceType": "DiagnosticReport",
        "id": name,
        "identifier": [{"system": f"{LOCAL}:case", "value": case.case}],
        "status": "final",
        "code": {"coding": [_IMAGING]},
        "imagingStudy": [_by_uid(uid) for uid in studies],
        "result": [{"reference": f"Observation/{one['id']}"} for one in observed],
    }


def _observation(name: str, said: Resource) -> Resource:
    parts = said.pop("component")
    said = said | ({"component": parts} if parts else {})
    return {"resourceType": "Observation", "id": name, "status": "final"} | said


def _voted(words: _Words, vote: ExportedVote) -> Resource:
    said: Resource = {"code": words.question(vote.name)}
    if vote.option is None:
        said["dataAbsentReason"] = {"coding": [_UNKNOWN]}
    else:
        said["valueCodeableConcept"] = words.option(vote.name, vote.option)
    parts = [
        _part("posterior", valueQuantity=_quantity(vote.posterior, "1")),
        _part("votes", valueInteger=vote.votes),
        _part("abstentions", valueInteger=vote.abstentions),
    ]
    return said | {"component": parts}


def _vote(resource: Resource) -> ExportedVote:
    parts = _parts(resource)
    option = _code(resource["valueCodeableConcept"]) if "valueCodeableConcept" in resource else None
    posterior = float(parts["posterior"][0]["valueQuantity"]["value"])
    counts = (parts[name][0]["valueInteger"] for name in ("votes", "abstentions"))
    return ExportedVote(_code(resource["code"]), option, posterior, *counts)


def _answered(words: _Words, answer: ExportedAnswer) -> Resource:
    said: Resource = {"code": words.question(answer.question)}
    parts = [_part("chosen", valueCodeableConcept=words.option(answer.question, one)) for one in answer.chosen[1:]]
    if answer.chosen:
        said["valueCodeableConcept"] = words.option(answer.question, answer.chosen[0])
    if answer.number is not None:
        said["valueQuantity"] = _quantity(answer.number, words.unit(answer.question))
    if answer.abstention is not None:
        coding = {"system": _ABSTENTIONS, "code": answer.abstention.value}
        said["dataAbsentReason"] = {"coding": [coding, _UNKNOWN]}
    if answer.confidence is not None:
        parts.append(_part("confidence", valueQuantity=_quantity(answer.confidence, "1")))
    if answer.place is not None:
        said["derivedFrom"] = [_by_uid(answer.place.instance_uid)]
        if answer.place.frame is not None:
            parts.append(_part("frame", valueInteger=answer.place.frame))
    if answer.thing is not None and answer.tracking_uid is not None:
        said["focus"] = [_by_uid(answer.tracking_uid) | {"display": answer.thing}]
    return said | {"component": parts}


def _answer(resource: Resource) -> ExportedAnswer:
    parts = _parts(resource)
    chosen = [resource] if "valueCodeableConcept" in resource else []
    confidence = parts.get("confidence")
    absent = resource.get("dataAbsentReason")
    focus = resource.get("focus", [None])[0]
    return ExportedAnswer(
        question=_code(resource["code"]),
        chosen=tuple(_code(one["valueCodeableConcept"]) for one in (*chosen, *parts.get("chosen", []))),
        number=float(resource["valueQuantity"]["value"]) if "valueQuantity" in resource else None,
        abstention=None if absent is None else Abstention(_code(absent)),
        confidence=None if confidence is None else float(confidence[0]["valueQuantity"]["value"]),
        place=_place(resource, parts),
        thing=None if focus is None else focus["display"],
        tracking_uid=None if focus is None else _uid(focus),
    )


def _place(resource: Resource, parts: dict[str, list[Resource]]) -> ExportedPlace | None:
    if "derivedFrom" not in resource:
        return None
    frame = parts["frame"][0]["valueInteger"] if "frame" in parts else None
    return ExportedPlace(_uid(resource["derivedFrom"][0]), frame)


def _parts(resource: Resource) -> dict[str, list[Resource]]:
    found: dict[str, list[Resource]] = {}
    for one in resource.get("component", []):
        found.setdefault(_code(one["code"]), []).append(one)
    return found


def _part(code: str, **value: object) -> Resource:
    return {"code": {"coding": [{"system": _PARTS, "code": code}]}} | value


def _quantity(value: float, unit: str) -> Resource:
    return {"value": value, "unit": unit, "system": _SYSTEMS["UCUM"], "code": unit}


def _by_uid(uid: str) -> Resource:
    return {"identifier": {"system": _UIDS, "value": f"urn:oid:{uid}"}}


def _uid(reference: Resource) -> str:
    return str(reference["identifier"]["value"]).removeprefix("urn:oid:")


def _code(concept: Resource) -> str:
    return str(concept["coding"][0]["code"])
