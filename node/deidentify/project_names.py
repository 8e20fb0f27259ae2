"""One clean image under the names of one project: what leaves the clean store in a project's name has its own names.

Rules: an image is cleaned once, before it belongs to a project, under the node's names; a project's names are made from
those with a key of the project alone, when something goes out. The same project gives the same names in every process
and after every restart; two projects, like two hospitals, have no name of a patient, case, study, series or instance
and no shift of dates in common, while intervals within a patient stay. What the site's policy retained (UIDs, whole
dates) stays retained; the file itself says which.

It decodes no pixels and decides nothing about identity: pictures are the same in every project, and whoever holds two
projects' images can compare them. Source: RFC 2104 for the digests; PS3.15 E.3.6 (longitudinal information).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from node.deidentify.elements import Element, Limits
from node.deidentify.errors import UnreadableImage
from node.deidentify.opening import OpenedImage, open_image
from node.deidentify.policy import TEMPORAL, Dates
from node.deidentify.profile import registered
from node.deidentify.project_key import ProjectNames
from node.deidentify.summary import INSTANCE, PATIENT_ID, SERIES, SOP_CLASS, STUDY
from node.deidentify.values import parts_of, shifted_dates, text_of
from node.deidentify.verdict import QuarantineReason
from node.deidentify.writing import Written, encode_file, encode_sequence, written_text

_REMOVED, _METHOD_CODES, _CODE, _TEMPORAL = 0x00120062, 0x00120064, 0x00080100, 0x00280303
_RETAINED_UIDS: Final = "113110"
"""PS3.16 CID 7050: Retain UIDs Option."""


@dataclass(frozen=True, slots=True)
class ProjectImage:
    """A whole DICOM file under a project's names."""

    contents: bytes = field(repr=False)
    patient: str
    study_uid: str
    series_uid: str
    instance_uid: str


def renamed(raw: bytes, names: ProjectNames, limits: Limits | None = None) -> ProjectImage:
    """The clean file in `raw` under the project's names; every picture element keeps its value.

    Raises:
        UnreadableImage: the bytes are no file that this node cleaned.
    """
    image = open_image(raw, limits)
    pseudonym = text_of(image.elements.get(PATIENT_ID))
    if text_of(image.elements.get(_REMOVED)) != "YES" or not pseudonym or image.implicit:
        raise UnreadableImage(QuarantineReason.MALFORMED)
    renaming = _Renaming(image, names, pseudonym)
    study, series, instance = (renaming.uids(image.elements.get(tag)) for tag in (STUDY, SERIES, INSTANCE))
    contents = encode_file(
        renaming.data_set(image.elements),
        little_endian=image.little_endian,
        sop_class_uid=text_of(image.elements.get(SOP_CLASS)),
        instance_uid=instance,
        transfer_syntax_uid=image.transfer_syntax_uid,
    )
    return ProjectImage(contents, names.patient(pseudonym), study, series, instance)


class _Renaming:
    """What becomes of the elements of one clean file."""

    def __init__(self, image: OpenedImage, names: ProjectNames, pseudonym: str) -> None:
        self._names = names
        self._patient = names.patient(pseudonym)
        self._little_endian = image.little_endian
        self._keeps_uids = _RETAINED_UIDS in _method_codes(image.elements)
        moves = text_of(image.elements.get(_TEMPORAL)) == TEMPORAL[Dates.MODIFIED]
        self._days = names.shift_days(pseudonym) if moves else 0

    def data_set(self, found: Mapping[int, Element]) -> list[Written]:
        """Every element, those that name something under the project's names."""
        return [self._element(element) for element in found.values()]

    def uids(self, element: Element | None) -> str:
        """The element's UIDs under the project's names; retained ones as they stand."""
        found = [] if element is None else bytes(element.value).decode("latin-1").strip(" \0").split("\\")
        return "\\".join(uid if self._keeps_uids or not uid else self._names.uid(uid) for uid in found)

    def _element(self, element: Element) -> Written:
        tag, vr = element.tag, element.vr
        if element.items is not None:
            items = [self.data_set(item) for item in element.items]
            return encode_sequence(tag, items, little_endian=self._little_endian)
        if tag == PATIENT_ID:
            return written_text(tag, vr, self._patient)
        if vr == "UI" and tag not in registered():
            return written_text(tag, vr, self.uids(element))
        if vr in {"DA", "DT"} and self._days:
            return written_text(tag, vr, shifted_dates(parts_of(element), self._days, with_times=vr == "DT"))
        return Written(tag, vr, element.value, element.encapsulated)


def _method_codes(found: Mapping[int, Element]) -> frozenset[str]:
    """The codes of the profile and options under which the file was cleaned."""
    method = found.get(_METHOD_CODES)
    items = () if method is None else method.items or ()
    return frozenset(text_of(item.get(_CODE)) for item in items)
