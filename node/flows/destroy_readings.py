"""The bodies of a case's readings are destroyed; the chain keeps their digests and says who destroyed them and when."""

from __future__ import annotations

from typing import Protocol

from node.flows.act import Act
from node.flows.ward import Ward
from node.labeling.chain import ChainProof, DestroyReason, Destruction, verify_chain
from node.labeling.errors import ReadingsHeld


class LegalHolds(Protocol):
    """Of whom nothing may be deleted."""

    def holds_case(self, image_ids: list[str]) -> bool:
        """True when one of the images is of a patient under a legal hold. Raises: StoreFailed."""
        ...


def destroy_readings(ward: Ward, holds: LegalHolds, case_id: str, reason: DestroyReason, act: Act) -> int:
    """No text of any reading or draft of the case is left; how many readings that were.

    Raises:
        ReadingsHeld: the patient is under a legal hold.
    """
    with ward.writing() as work:
        if holds.holds_case([image.image_id for image in work.sheets.images_of(case_id)]):
            raise ReadingsHeld("the patient is under a legal hold")
        reading_ids = work.destructions.bodies_of(case_id)
        if reading_ids:
            told = Destruction(act.now, act.by.actor_id, reason)
            events = [act.event("reading.destroyed", f"reading:{one}", reason.value) for one in reading_ids]
            work.destructions.destroy(reading_ids, told, events)
        return len(reading_ids)


def prove_readings(ward: Ward) -> ChainProof:
    """What the chain of readings proves. Raises: ChainBroken."""
    with ward.reading() as work:
        return verify_chain(work.chain.chain())
