"""Received images become clean images and cases, or are quarantined with a reason; replayed after a crash, once.

Steps for a batch: read the header in the sandbox, find the patient (an exclusion binds first) and the
image's identifier, clean in the sandbox, keep the clean file, admit it to its case (what is no
image is attached to the images it names), settle. The identifier is durable
before clean file and case exist, and both take it as their key; the job ends in the transaction that settles the image.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from node.deidentify.attachments import kind_of
from node.deidentify.findings import HeaderSummary
from node.deidentify.overruling import overruled_by
from node.deidentify.pseudonyms import normalised, patient_lookup, replacement
from node.deidentify.verdict import Quarantined, QuarantineReason, Replacement
from node.flows.clean_endings import JOBS, buried, ended_by, quarantined, settled_clean
from node.flows.clean_parts import (
    ISSUER_OF_A_STUDY,
    Attachment,
    CleanKeys,
    CleanParts,
    Identified,
    Registered,
    Settlement,
)
from node.flows.jobs import MAX_ATTEMPTS, Job, PutBack
from node.ground.audit import AuditEvent
from node.ground.logs import log
from node.intake.age_band import age_band
from node.intake.received import IntakeReason
from node.labeling.case import AdmittedImage

_SEXES = frozenset({"M", "F", "O"})

_Given = TypeVar("_Given")
_Taken = TypeVar("_Taken")


@dataclass(frozen=True, slots=True)
class _Named:
    """A summarised image under the node's own names."""

    summary: HeaderSummary
    names: Registered
    overruled: frozenset[QuarantineReason]


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """A clean image on its way to its case, or an object on its way to its images, and what was done to it."""

    image: AdmittedImage | Attachment
    done: tuple[str, ...]


class Cleaning:
    """Cleans batches of received images, several images of a batch at a time."""

    def __init__(self, parts: CleanParts, *, threads: int) -> None:
        self._parts = parts
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="clean")

    def close(self) -> None:
        """No thread of this cleaning is left."""
        self._pool.shutdown()

    def __call__(self, jobs: Sequence[Job]) -> list[PutBack]:
        """Every job is done, buried, or returned to be put back. Raises: StoreFull, StoreFailed."""
        batch = _Batch(self._parts, self._pool)
        fresh = [(job, job.subject) for job in jobs if job.attempt <= MAX_ATTEMPTS]
        batch.settled += [buried(job, self._parts.clock.now(), "gave_up") for job in jobs if job.attempt > MAX_ATTEMPTS]
        summarised = batch.each(fresh, self._summarise)
        cleaned = batch.each(self._name(summarised, batch), self._clean)
        self._parts.clean.settle()
        batch.each(cleaned, self._admit)
        self._parts.register.settle(batch.settled)
        for end in batch.settled:
            if end.reason:
                log().info("image quarantined", reason=end.reason, code=end.buried_code)
        return batch.put_back

    def _summarise(self, _job: Job, received_id: str) -> HeaderSummary:
        return self._parts.sandbox.summarise(self._parts.received.read(received_id))

    def _name(self, summarised: Sequence[tuple[Job, HeaderSummary]], batch: _Batch) -> list[tuple[Job, _Named]]:
        """The images that are what their sender said and whose patients are not excluded, under the node's names."""
        now, keys = self._parts.clock.now(), self._parts.keys
        received_as = self._parts.register.instance_lookups([job.subject for job, _ in summarised])
        identified = {}
        for job, summary in summarised:
            found = _identified(job.subject, summary, keys)
            if found.instance_lookup == received_as.get(job.subject):
                identified[job.subject] = found
            else:
                batch.settled.append(quarantined(job, now, IntakeReason.UID_MISMATCH))
        names = self._parts.register.identify(list(identified.values()))
        released = self._parts.register.overruled(list(names))
        named = []
        for job, summary in summarised:
            if job.subject in names:
                overruled = overruled_by(released.get(job.subject, ()))
                named.append((job, _Named(summary, names[job.subject], overruled)))
            elif job.subject in identified:
                batch.settled.append(quarantined(job, now, IntakeReason.EXCLUDED))
        return named

    def _clean(self, job: Job, named: _Named) -> _Cleaned | Settlement:
        stand_ins = replacement(named.summary, self._parts.keys.pseudonym, self._parts.policy)
        verdict = self._parts.sandbox.clean(
            self._parts.received.read(job.subject), stand_ins, overruled=named.overruled
        )
        if isinstance(verdict, Quarantined):
            return quarantined(job, self._parts.clock.now(), verdict.reason)
        self._parts.clean.write(named.names.image_id, verdict.contents)
        admitted = self._attachable(named) or self._admissible(named, stand_ins)
        return _Cleaned(admitted, tuple(step.value for step in verdict.done))

    def _attachable(self, named: _Named) -> Attachment | None:
        kind = kind_of(named.summary.sop_class_uid)
        if kind is None:
            return None
        sources = tuple(self._parts.keys.lookups.instance(uid) for uid in named.summary.sources)
        return Attachment(named.names.image_id, kind, sources)

    @staticmethod
    def _admissible(named: _Named, stand_ins: Replacement) -> AdmittedImage:
        summary = named.summary
        return AdmittedImage(
            image_id=named.names.image_id,
            patient_number=named.names.patient_number,
            study_uid=stand_ins.written_uid(summary.study_uid),
            series_uid=stand_ins.written_uid(summary.series_uid),
            modality=summary.modality,
            body_part=summary.body_part,
            view=summary.view,
            rows=summary.rows,
            columns=summary.columns,
            frames=summary.frames,
            sex=summary.sex if summary.sex in _SEXES else "",
            age_band=age_band(summary.age),
        )

    def _admit(self, job: Job, cleaned: _Cleaned) -> Settlement:
        now, image = self._parts.clock.now(), cleaned.image
        action = "image.attached" if isinstance(image, Attachment) else "image.admitted"
        event = AuditEvent(at=now, actor=JOBS, action=action, subject=f"image:{image.image_id}")
        if isinstance(image, Attachment):
            self._parts.attachments.attach(image, event)
        else:
            self._parts.admission.admit(image, event)
        return settled_clean(job, now, cleaned.done)


class _Batch:
    """One batch on its way: what of it ended so far."""

    def __init__(self, parts: CleanParts, pool: ThreadPoolExecutor) -> None:
        self._parts = parts
        self._pool = pool
        self.settled: list[Settlement] = []
        self.put_back: list[PutBack] = []

    def each(
        self, given: Sequence[tuple[Job, _Given]], step: Callable[[Job, _Given], _Taken | Settlement]
    ) -> list[tuple[Job, _Taken]]:
        """What the step gave for each image that goes on; what ended is kept aside."""

        def guarded(item: tuple[Job, _Given]) -> _Taken | Settlement | PutBack:
            try:
                return step(*item)
            except Exception as error:  # noqa: BLE001 - one bad image must not hold up the others of its batch
                log().info("image not cleaned", error_type=type(error).__name__, attempt=item[0].attempt)
                return ended_by(item[0], self._parts.clock.now(), error)

        going_on: list[tuple[Job, _Taken]] = []
        for (job, _), result in zip(given, self._pool.map(guarded, given), strict=True):
            if isinstance(result, Settlement):
                self.settled.append(result)
            elif isinstance(result, PutBack):
                self.put_back.append(result)
            else:
                going_on.append((job, result))
        return going_on


def _identified(received_id: str, summary: HeaderSummary, keys: CleanKeys) -> Identified:
    """Whom the image shows; without a patient ID its study stands for a patient of its own."""
    if normalised(summary.patient_id):
        whom = {"issuer": summary.issuer, "patient_id": summary.patient_id}
    else:
        whom = {"issuer": ISSUER_OF_A_STUDY, "patient_id": summary.study_uid}
    lookup = patient_lookup(keys.patient_lookup, **whom)
    identity = {"study": summary.study_uid, "series": summary.series_uid, "instance": summary.instance_uid}
    return Identified(
        received_id=received_id,
        instance_lookup=keys.lookups.instance(summary.instance_uid),
        patient_lookup=lookup,
        number_lookup=keys.lookups.patient_number(summary.patient_id),
        sealed_patient=keys.identities.seal(json.dumps(whom).encode(), bound_to=f"patient:{lookup}"),
        sealed_image=keys.identities.seal(json.dumps(identity).encode(), bound_to=f"image:{received_id}"),
        other_lookups=tuple(filter(None, map(keys.lookups.patient_number, summary.other_patient_ids))),
    )
