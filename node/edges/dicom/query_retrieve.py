"""A PACS asked and fetched from: C-FIND, then C-MOVE to the node's own port or C-GET on the line that asked.

Study root throughout. What does not work leaves as a code (`unreachable`, `move_a801`), never in the PACS' own words.
Images that come by C-GET go the way of any sent image: success is answered for what is durable only.
Source: PS3.4 annex C; PS3.7 sections 9.1.2 to 9.1.4.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)
from pynetdicom import AE, build_context, build_role, evt
from pynetdicom.association import Association
from pynetdicom.events import Event
from pynetdicom.presentation import PresentationContext, StoragePresentationContexts

from node.edges.dicom.rejection import rejection
from node.edges.dicom.server import quiet
from node.edges.dicom.sockets import MAX_PDU_BYTES
from node.edges.dicom.storing import Status, answer
from node.edges.dicom.tls import context
from node.flows.pull_ports import ListedInstance
from node.flows.receive import Receiving
from node.ground.config import Dicom, DicomSource, Retrieve
from node.intake.cohort_query import CohortQuery
from node.intake.errors import SourceTrouble, StoreFull

_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
_CONNECT_SECONDS: Final = 30.0
_UIDS_AT_ONCE: Final = 100
_MOST_CONTEXTS: Final = 127
_PLAIN: Final[tuple[str, ...]] = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_COMPRESSED: Final = (JPEGLosslessSV1, JPEG2000Lossless, JPEGLSLossless, RLELossless, JPEGBaseline8Bit)
_PENDING: Final = frozenset({0xFF00, 0xFF01})


class PacsSource:
    """One PACS of the configuration; implements `StudySource`. Each call has an association of its own."""

    def __init__(self, source: DicomSource, own: Dicom, receiving: Receiving) -> None:
        quiet()
        self._source = source
        self._own = own
        self._receiving = receiving
        self._lines: set[Association] = set()
        self._guard = threading.Lock()

    def find(self, query: CohortQuery) -> Iterator[str]:
        """The UIDs of the studies that match. Raises: SourceTrouble."""
        with self._line([build_context(_FIND)]) as line:
            for keys in query.questions():
                asked = {"StudyInstanceUID": "", "AccessionNumber": "", **keys}
                for found in list(self._ask(line, "STUDY", asked)):
                    uid, number = _value(found, "StudyInstanceUID"), _value(found, "AccessionNumber")
                    if uid and asked["AccessionNumber"] in {"", number}:
                        yield uid

    def instances(self, study_uid: str, query: CohortQuery) -> Sequence[ListedInstance]:
        """The images of a study's wanted series. Raises: SourceTrouble."""
        study = {"StudyInstanceUID": study_uid}
        listed: list[ListedInstance] = []
        with self._line([build_context(_FIND)]) as line:
            asked = {**study, "SeriesInstanceUID": "", "Modality": "", "BodyPartExamined": ""}
            for series in list(self._ask(line, "SERIES", asked)):
                if not query.wants(_value(series, "Modality"), _value(series, "BodyPartExamined")):
                    continue
                uid = _value(series, "SeriesInstanceUID")
                wanted = {**study, "SeriesInstanceUID": uid, "SOPInstanceUID": "", "SOPClassUID": ""}
                listed += [
                    ListedInstance(uid, _value(image, "SOPInstanceUID"), _value(image, "SOPClassUID"))
                    for image in self._ask(line, "IMAGE", wanted)
                ]
        return listed

    def fetch(self, study_uid: str, missing: Sequence[ListedInstance], *, whole: bool) -> None:
        """The PACS has sent what it could. Raises: SourceTrouble, StoreFull."""
        wanted = [_identifier("STUDY", {"StudyInstanceUID": study_uid})] if whole else _by_images(study_uid, missing)
        if self._source.retrieve is Retrieve.MOVE:
            with self._line([build_context(_MOVE)]) as line:
                for identifier in wanted:
                    _finished("move", line.send_c_move(identifier, self._own.ae_title, _MOVE))
        else:
            self._get(wanted, sorted({one.class_uid for one in missing if one.class_uid}))

    def abort(self) -> None:
        """Whatever is under way ends now; it is asked for again another time."""
        with self._guard:
            lines = list(self._lines)
        for line in lines:
            line.abort()

    def _get(self, wanted: Sequence[Dataset], classes: Sequence[str]) -> None:
        answers: list[int] = []

        def store(event: Event) -> int:
            answers.append(answer(event, self._receiving, sender=self._source.ae_title))
            return answers[-1]

        with self._line(_contexts_to_get(classes), store=store) as line:
            try:
                for identifier in wanted:
                    _finished("get", line.send_c_get(identifier, _GET))
            finally:
                if Status.OUT_OF_RESOURCES in answers:
                    raise StoreFull(reserve_mib=self._own.free_space_reserve_mib)

    def _ask(self, line: Association, level: str, keys: Mapping[str, str]) -> Iterator[Dataset]:
        for status, found in line.send_c_find(_identifier(level, keys), _FIND):
            code = _code(status)
            if code in _PENDING and found is not None:
                yield found
            elif code not in {0x0000, *_PENDING}:
                raise SourceTrouble(f"find_{code:04x}")

    @contextmanager
    def _line(
        self, contexts: list[PresentationContext], *, store: Callable[[Event], int] | None = None
    ) -> Iterator[Association]:
        """An association that ends with the block; what goes wrong on it leaves as `SourceTrouble`."""
        association = self._associated(contexts, store)
        with self._guard:
            self._lines.add(association)
        try:
            yield association
        except (RuntimeError, ValueError):  # pynetdicom: the line broke, or the PACS did not accept the service
            raise SourceTrouble("not_offered" if association.is_established else "line_broke") from None
        finally:
            with self._guard:
                self._lines.discard(association)
            with suppress(RuntimeError):
                association.release()

    def _associated(self, contexts: list[PresentationContext], store: Callable[[Event], int] | None) -> Association:
        """With `store` every class but the question's own is offered to be sent to us. Raises: SourceTrouble."""
        entity = AE(self._own.ae_title)
        entity.maximum_pdu_size = MAX_PDU_BYTES - 6
        entity.acse_timeout = entity.connection_timeout = _CONNECT_SECONDS
        entity.dimse_timeout = entity.network_timeout = self._source.answer_seconds
        classes = {str(one.abstract_syntax) for one in contexts} - {_FIND, _MOVE, _GET}
        tls = self._own.tls if self._source.tls else None
        try:
            association = entity.associate(
                self._source.host,
                self._source.port,
                contexts,
                ae_title=self._source.ae_title,
                ext_neg=[build_role(one, scp_role=True) for one in sorted(classes)] if store else None,
                tls_args=(context(tls, server=False), self._source.host) if tls else None,
                evt_handlers=[(evt.EVT_C_STORE, store)] if store else None,
            )
        except OSError:
            raise SourceTrouble("unreachable") from None
        if not association.is_established:
            raise SourceTrouble("rejected" if rejection(association) else "unreachable")
        return association


def _contexts_to_get(classes: Sequence[str]) -> list[PresentationContext]:
    """The question itself, and every class plain and in each compression, as many as one association may offer.

    Where the PACS does not say of which classes its images are, every storage class is offered.
    """
    classes = classes or [str(one.abstract_syntax) for one in StoragePresentationContexts]
    plain = [build_context(one, list(_PLAIN)) for one in classes]
    compressed = [build_context(one, [syntax]) for syntax in _COMPRESSED for one in classes]
    return [build_context(_GET), *plain, *compressed][:_MOST_CONTEXTS]


def _by_images(study_uid: str, missing: Sequence[ListedInstance]) -> list[Dataset]:
    wanted = []
    ordered = sorted(missing, key=lambda one: one.series_uid)
    for series_uid, images in groupby(ordered, key=lambda one: one.series_uid):
        uids = [one.instance_uid for one in images]
        for start in range(0, len(uids), _UIDS_AT_ONCE):
            keys = {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid}
            some = "\\".join(uids[start : start + _UIDS_AT_ONCE])
            wanted.append(_identifier("IMAGE", {**keys, "SOPInstanceUID": some}))
    return wanted


def _identifier(level: str, keys: Mapping[str, str]) -> Dataset:
    identifier = Dataset()
    identifier.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(identifier, keyword, value.split("\\") if "\\" in value else value)
    return identifier


def _value(found: Dataset, keyword: str) -> str:
    return str(found.get(keyword, "") or "").strip(" \0")


def _code(status: Dataset) -> int:
    """The status of an answer. Raises: SourceTrouble when there was none in time."""
    if "Status" not in status:
        raise SourceTrouble("no_answer")
    return int(status.Status)


def _finished(service: str, answers: Iterator[tuple[Dataset, Dataset | None]]) -> None:
    """Return when the PACS says that it has sent everything. Raises: SourceTrouble."""
    for status, _ in answers:
        code = _code(status)
        if code not in {0x0000, *_PENDING}:
            raise SourceTrouble(f"{service}_{code:04x}")
