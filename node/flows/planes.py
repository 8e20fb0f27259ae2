"""The planes of a case's images, for its reader and for nobody else."""

from __future__ import annotations

from collections.abc import Mapping

from node.flows import read
from node.flows.repeat_cases import images_behind
from node.flows.ward import Ward
from node.labeling.blinding import Viewer
from node.labeling.plane import HeaderSource, ImagePlane, plane_of


def planes_of(ward: Ward, headers: HeaderSource, viewer: Viewer, assignment_id: str) -> Mapping[str, ImagePlane]:
    """What the header says, for every image of the case in its order; nothing known where there is no header yet.

    Raises:
        AssignmentUnknown, LeaseLapsed: the case is not theirs to see, or no longer.
    """
    image_ids = [image.image_id for image in read.sheet(ward, viewer, assignment_id).images]
    stored = images_behind(ward, image_ids)
    found = headers.headers(list(stored.values()))
    return {one: plane_of(found[behind]) if behind in found else ImagePlane() for one, behind in stored.items()}
