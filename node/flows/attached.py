"""What speaks about the images of a study: segmentations, reports and presentation states, with the images they name.

An object may stand in another study of the same patient than its images; it is found from theirs. One whose header is
not described yet cannot be retrieved yet, and is left out until it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from node.deidentify.attachments import AttachmentKind
from node.flows.image_search import CleanIndex, Place
from node.intake.errors import CleanMissing
from node.labeling.attached import AttachedObjects


@dataclass(frozen=True, slots=True)
class AttachedInstance:
    """One object, the place of its clean file, and the instances of the study that it names, in their order."""

    kind: AttachmentKind
    place: Place
    of: tuple[str, ...]


def attached_to(study_uid: str, index: CleanIndex, attached: AttachedObjects) -> Sequence[AttachedInstance]:
    """The objects of a study in the order they became clean.

    Raises:
        CleanMissing: the study has no clean image.
        StoreFailed: the database refused.
    """
    uid_of = {image.image_id: image.instance_uid for image in index.held(Place(study_uid))}
    if not uid_of:
        raise CleanMissing
    named: dict[str, list[str]] = {}
    kinds: dict[str, AttachmentKind] = {}
    beside = attached.of_images(tuple(uid_of))
    for image_id, instance_uid in uid_of.items():
        for one in beside.get(image_id, ()):
            kinds[one.image_id] = one.kind
            named.setdefault(one.image_id, []).append(instance_uid)
    places = index.places(tuple(kinds))
    return [
        AttachedInstance(kind, places[image_id], tuple(named[image_id]))
        for image_id, kind in kinds.items()
        if image_id in places
    ]
