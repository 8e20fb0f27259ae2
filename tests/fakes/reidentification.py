"""Re-identification in a test: a real ward and a real map, and one line for a case with a hospital's names."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, insert

from node.deidentify.project_key import ProjectNames, project_context
from node.deidentify.pseudonyms import patient_lookup
from node.flows.clean_parts import ISSUER_OF_A_STUDY, Identified
from node.flows.reidentify import ReidentifyParts
from node.ground.ids import new_id
from node.intake.sealing import Sealer
from node.storage.engine import Database, open_engine
from node.storage.identity_links import IdentityLinkStore
from node.storage.image_register import ImageRegisterStore
from node.storage.intake_tables import RECEIVED
from node.storage.ward_reidentifications import WardCaseNames
from node.storage.ward_store import WardStore

MAP_KEY = bytes(range(32))
PATIENT, ISSUER, STUDY = "H-00417-CANARY", "EXAMPLE-ISSUER", "1.2.410.99.7.4"


def project_names(project_id: str) -> ProjectNames:
    """Names made with a key of the project; a test needs no key tree for it."""
    return ProjectNames(project_context(project_id).ljust(48, b"."))


def reidentify_at(folder: Path, ward: Engine, *, key: bytes = MAP_KEY) -> ReidentifyParts:
    """What re-identification is made of, in a folder that has both databases."""
    links = IdentityLinkStore(open_engine(Database.INTAKE, folder))
    return ReidentifyParts(WardStore(ward), WardCaseNames(ward), links, Sealer(key), project_names, new_id)


def received_image(
    intake: Engine, at: datetime, *, patient_id: str = PATIENT, study: str = STUDY, dropped: bool = False
) -> tuple[str, int]:
    """The identifier and patient number of a clean image that came of an image of the hospital."""
    received_id = new_id()
    state = {"state": "clean", "reason": "", "done": "", "protected": False, "dropped_at": at if dropped else None}
    row = {"received_id": received_id, "instance_lookup": received_id, "content_digest": received_id, "byte_count": 1}
    with intake.begin() as connection:
        connection.execute(insert(RECEIVED).values(**row, **state, sealed_identity=b"", received_at=at, settled_at=at))
    named = ImageRegisterStore(intake).identify([_identified(received_id, patient_id, study)])[received_id]
    return named.image_id, named.patient_number


def _identified(received_id: str, patient_id: str, study: str) -> Identified:
    whom = {"issuer": ISSUER, "patient_id": patient_id}
    if not patient_id:
        whom = {"issuer": ISSUER_OF_A_STUDY, "patient_id": study}
    lookup, seal = patient_lookup(bytes(32), **whom), Sealer(MAP_KEY).seal
    names = {"study": study, "series": study + ".1", "instance": study + ".1.1"}
    return Identified(
        received_id=received_id,
        instance_lookup=received_id,
        patient_lookup=lookup,
        number_lookup=lookup if patient_id else "",
        sealed_patient=seal(json.dumps(whom).encode(), bound_to=f"patient:{lookup}"),
        sealed_image=seal(json.dumps(names).encode(), bound_to=f"image:{received_id}"),
    )
