"""A patient's earlier images beside a case: clean ones of the study before, of the same project and modality.

Nothing that was read of it is told, and its images are counted, not named: which case it is stays unknown, whoever
reads it or read it. Whoever may see the images of a case may see these, as long as they may see the case; a repeat has
what the case behind it has. Which study came before is seen by the shifted dates, which cleaning leaves as far apart as
they were; of them only the days between are told. Not here: cases held out, and those of excluded patients.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from node.flows import read
from node.flows.planes import FramePlace
from node.flows.ward import Ward
from node.labeling.blinding import Viewer
from node.labeling.errors import ImageUnknown
from node.labeling.plane import HeaderSource, ImagePlane, plane_of
from node.labeling.worklist import CaseImage

_STUDY_DATE: Final = "00080020"


@dataclass(frozen=True, slots=True)
class Prior:
    """The images of the study before, as the page gets them, with the stored image behind each."""

    days_before: int
    images: tuple[CaseImage, ...]
    """Their identifiers are their numbers, counted from 1."""
    stored: tuple[str, ...]


def prior_of(ward: Ward, headers: HeaderSource, viewer: Viewer, assignment_id: str) -> Prior | None:
    """The patient's latest images before this case; none where there are none, or dates are not known.

    Raises:
        AssignmentUnknown, LeaseLapsed: the case is not theirs to see, or no longer.
    """
    assignment = read.sheet(ward, viewer, assignment_id).assignment
    with ward.reading() as work:
        own = work.repeats.original(assignment.case_id)
        first_images = work.sheets.of_same_patient(assignment.project_id, own)
    dates = _dates(headers, first_images)
    before = sorted((day, case_id) for case_id, day in dates.items() if own in dates and day < dates[own])
    if not before:
        return None
    day, case_id = before[-1]
    with ward.reading() as work:
        images = work.sheets.images_of(case_id)
    counted = tuple(replace(image, image_id=str(number)) for number, image in enumerate(images, start=1))
    return Prior((dates[own] - day).days, counted, tuple(image.image_id for image in images))


def planes_before(headers: HeaderSource, prior: Prior) -> Mapping[str, ImagePlane]:
    """What the clean header says, for every image of the prior by its number."""
    found = headers.headers(prior.stored)
    known = {one: plane_of(found[one]) if one in found else ImagePlane() for one in prior.stored}
    return {image.image_id: known[one] for image, one in zip(prior.images, prior.stored, strict=True)}


def check_prior_frame(ward: Ward, headers: HeaderSource, viewer: Viewer, place: FramePlace) -> str:
    """The stored image, when the viewer may see this frame of the prior, whose images are named by their numbers.

    Raises:
        AssignmentUnknown, LeaseLapsed, ImageUnknown: otherwise.
    """
    prior = prior_of(ward, headers, viewer, place.assignment_id)
    if prior is None:
        raise ImageUnknown("no earlier image here")
    for image, stored in zip(prior.images, prior.stored, strict=True):
        if image.image_id == place.image_id and 1 <= place.number <= image.frames:
            return stored
    raise ImageUnknown("no such image here")


def _dates(headers: HeaderSource, first_images: Mapping[str, str]) -> dict[str, date]:
    """The study's date of each case that has one; keys are cases."""
    found = headers.headers(list(first_images.values()))
    dates = {case_id: _date(found[image_id]) for case_id, image_id in first_images.items() if image_id in found}
    return {case_id: day for case_id, day in dates.items() if day is not None}


def _date(header: bytes) -> date | None:
    """The study's date; none where the header says none, or one that is none. Source: PS3.5 section 6.2, DA."""
    values = json.loads(header).get(_STUDY_DATE, {}).get("Value", [])
    text = values[0] if values else ""
    if not isinstance(text, str) or len(text) != 8:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
