"""What hangs on an image beside its pixels: segmentations, reports and presentation states the hospital sent with it.

They are not read as cases. Whoever shows an image asks here which objects speak about it; their clean files are held
like images, under their own identifiers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from node.deidentify.attachments import AttachmentKind


@dataclass(frozen=True, slots=True)
class AttachedObject:
    """One clean object; its identifier opens its file as an image's does."""

    image_id: str
    kind: AttachmentKind


class AttachedObjects(Protocol):
    """The way from images to what is attached to them."""

    def of_images(self, image_ids: Sequence[str]) -> Mapping[str, Sequence[AttachedObject]]:
        """The objects of each image that has any, in the order they became clean; none of an excluded patient."""
        ...
