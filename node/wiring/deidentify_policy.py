"""The site's policy of de-identification, and the marks it permits in pictures, from `[deidentify]`."""

from __future__ import annotations

from node.deidentify.pixels.marks import PERMITTED
from node.deidentify.policy import Dates, Policy
from node.ground.image_config import Deidentify


def policy_of(chosen: Deidentify) -> Policy:
    """The policy as the station takes it."""
    return Policy(
        dates=Dates(chosen.dates),
        times=chosen.keep_times,
        patient=chosen.keep_patient_characteristics,
        device=chosen.keep_device_identity,
        institution=chosen.keep_institution_identity,
        uids=chosen.keep_uids,
        safe_private=chosen.keep_safe_private,
        descriptors=chosen.clean_descriptors,
        structured=chosen.clean_structured_content,
    )


def permitted_marks(chosen: Deidentify) -> frozenset[str]:
    """The text that may stay in a picture: the site's list, or the product's where it names none."""
    return PERMITTED if chosen.permitted_marks is None else frozenset(chosen.permitted_marks)
