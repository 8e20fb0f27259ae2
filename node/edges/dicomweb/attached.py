"""What is attached to a study. Ours, not the standard's: the objects themselves are searched and retrieved like images.

QIDO-RS finds them by their modality (SEG, SR, PR) and tells not what they are about; this says which images they name.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict

from node.deidentify.attachments import AttachmentKind
from node.edges.dicomweb.parts import PREFIX, SEARCHED, Parts, actor_of, base_of, subject_of
from node.edges.dicomweb.refusals import DicomwebRoute
from node.flows.attached import AttachedInstance, attached_to

Uid = Annotated[str, Path(pattern=r"^[0-9.]{1,64}$")]
router = APIRouter(prefix=PREFIX, tags=["dicomweb"], route_class=DicomwebRoute)


class AttachedView(BaseModel):
    """An object attached to images, where to retrieve it, and the instances it names."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: AttachmentKind
    study_uid: str
    series_uid: str
    instance_uid: str
    address: str
    of: tuple[str, ...]


@router.get("/studies/{study_uid}/attached")
def attached_of_study(study_uid: Uid, request: Request, parts: Parts) -> list[AttachedView]:
    """Segmentations, reports and presentation states that name images of the study."""
    parts.looks.note(actor_of(request), SEARCHED, subject_of(study_uid))
    base = base_of(request)
    return [_view(one, base) for one in attached_to(study_uid, parts.index, parts.attached)]


def _view(one: AttachedInstance, base: str) -> AttachedView:
    place = one.place
    address = f"{base}/studies/{place.study_uid}/series/{place.series_uid}/instances/{place.instance_uid}"
    return AttachedView(
        kind=one.kind,
        study_uid=place.study_uid,
        series_uid=place.series_uid,
        instance_uid=place.instance_uid,
        address=address,
        of=one.of,
    )
