"""The planes of a case's images and what is inside a shape on one, for its reader and for nobody else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.flows import read
from node.flows.repeat_cases import images_behind
from node.flows.ward import Ward
from node.labeling.blinding import Viewer
from node.labeling.frames import FrameSource
from node.labeling.plane import HeaderSource, ImagePlane, plane_of
from node.labeling.region import RegionStatistics, statistics
from node.labeling.shapes import Shape


@dataclass(frozen=True, slots=True)
class FramePlace:
    """One frame of one image, counted from 1, as a reader's case names it."""

    assignment_id: str
    image_id: str
    number: int


@dataclass(frozen=True, slots=True)
class Images:
    """Where pixels and clean headers come from."""

    frames: FrameSource
    headers: HeaderSource


def planes_of(ward: Ward, headers: HeaderSource, viewer: Viewer, assignment_id: str) -> Mapping[str, ImagePlane]:
    """What the header says, for every image of the case in its order; nothing known where there is no header yet.

    Raises:
        AssignmentUnknown, LeaseLapsed: the case is not theirs to see, or no longer.
    """
    image_ids = [image.image_id for image in read.sheet(ward, viewer, assignment_id).images]
    stored = images_behind(ward, image_ids)
    found = headers.headers(list(stored.values()))
    return {one: plane_of(found[behind]) if behind in found else ImagePlane() for one, behind in stored.items()}


def statistics_of(ward: Ward, images: Images, viewer: Viewer, place: FramePlace, shape: Shape) -> RegionStatistics:
    """What the values inside the shape come to on this frame.

    Raises:
        AssignmentUnknown, LeaseLapsed, ImageUnknown: the frame is not theirs to see, or no longer.
    """
    stored = read.check_frame(ward, viewer, place.assignment_id, image_id=place.image_id, number=place.number)
    found = images.headers.headers([stored])
    plane = plane_of(found[stored], place.number) if stored in found else ImagePlane()
    return statistics(images.frames.frame(stored, place.number), plane, shape)
