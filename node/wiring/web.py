"""The web process: the page, its API, and the wall's desk over the socket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import uvicorn
from fastapi import APIRouter

from node.deidentify.ports import ImageSandbox
from node.edges.dicomweb.quick import shortcuts
from node.edges.dicomweb.routes import ROUTERS as DICOMWEB
from node.edges.sandbox.pool import SandboxPool
from node.edges.wall_socket import WallClient
from node.edges.web.app import create_app, write_openapi
from node.edges.web.parts import WebParts
from node.edges.web.quick_reading import reading_shortcuts
from node.edges.web.routers.peers import peers_router
from node.edges.web.routers.taking_part import taking_part_router
from node.edges.web.routers.wall import wall_router
from node.flows.certificates import TeachingDesk
from node.flows.months import PayDesk
from node.flows.quarantine import QuarantineDesk
from node.flows.sign_in import FrontDoor
from node.ground.faults import system_fault
from node.ground.keyring import KeyPurpose
from node.ground.told import Told
from node.intake.lookups import Lookups
from node.readers.passwords import Argon2Passwords
from node.storage.clean_store import CleanImages
from node.storage.commitment_rows import CommitmentRowsStore
from node.storage.engine import Database
from node.storage.image_headers import ImageHeaders
from node.storage.intake_overview import IntakeOverview
from node.storage.legal_holds import LegalHoldRows
from node.storage.original_lookup import OriginalLookup
from node.storage.quarantine_store import QuarantineStore
from node.storage.quick_sessions import QuickSessions
from node.storage.ward_store import WardStore
from node.wiring.clean_frames import CleanFrames
from node.wiring.deidentify_policy import policy_of
from node.wiring.dicomweb import dicomweb_parts
from node.wiring.exclusions import exclude_parts
from node.wiring.images import intake_ground
from node.wiring.incidents import incident_parts
from node.wiring.place import Place
from node.wiring.reidentification import reidentify_parts
from node.wiring.store_chores import StoreStanding

_SANDBOXES = 2
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class CertificateRequired(Told):
    """Outside loopback the page is served over HTTPS only."""

    text_key = "terminal.certificate_required"


class FileNotWritten(Told):
    """The system does not let this user write the file."""

    text_key = "terminal.file_not_written"


def run_web(place: Place) -> None:
    """The page has been served until the process was asked to stop.

    Raises:
        CertificateRequired: the address is not loopback and no certificate is configured.
    """
    web = place.config.web
    if web.host not in _LOOPBACK and (web.certificate is None or web.certificate_key is None):
        raise CertificateRequired(host=web.host)
    with SandboxPool(_SANDBOXES) as sandbox:
        desk = WallClient(place.home.run / "wall.sock")
        images = dicomweb_parts(place, sandbox)
        parts = web_parts(place, sandbox)
        ways = {**shortcuts(images), **reading_shortcuts(parts)}
        app = create_app(replace(parts, shortcuts=ways), [*_desk_routers(desk), *DICOMWEB])
        app.state.dicomweb = images
        uvicorn.run(
            app,
            host=web.host,
            port=web.port,
            ssl_certfile=None if web.certificate is None else str(web.certificate),
            ssl_keyfile=None if web.certificate_key is None else str(web.certificate_key),
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )


def web_parts(place: Place, sandbox: ImageSandbox) -> WebParts:
    """Everything the routes use."""
    ward, intake = WardStore(place.engine(Database.WARD)), place.engine(Database.INTAKE)
    return WebParts(
        ward=ward,
        sessions=QuickSessions(ward.engine),
        door=FrontDoor(ward, Argon2Passwords(), timedelta(minutes=place.config.web.session_minutes)),
        frames=CleanFrames(CleanImages(place.home.clean), sandbox),
        headers=ImageHeaders(intake),
        stroke_key=lambda person_id: place.keyring.derive(KeyPurpose.STROKES, person_id.encode()),
        originals=OriginalLookup(intake, Lookups(place.keyring)),
        intake=IntakeOverview(intake),
        quarantine=QuarantineDesk(QuarantineStore(intake), intake_ground(place).received_blobs(), sandbox),
        exclusions=exclude_parts(place),
        reidentify=reidentify_parts(place, ward),
        holds=LegalHoldRows(intake),
        incidents=incident_parts(place),
        commitments=CommitmentRowsStore(intake),
        store=StoreStanding(place, intake),
        pay=PayDesk(ward, ZoneInfo(place.config.timezone), place.keyring.identity),
        teaching=TeachingDesk(ward, place.config.name, place.keyring.identity),
        clock=place.clock,
        secure=place.config.web.certificate is not None,
        cookie_name=f"intramuros_session_{place.config.web.port}",
        on_site=place.config.web.on_site,
        policy=policy_of(place.config.deidentify),
    )


def _desk_routers(desk: WallClient) -> list[APIRouter]:
    return [wall_router(desk), peers_router(desk.peer_desk), taking_part_router(desk)]


def write_api_document(path: Path) -> None:
    """The file holds the OpenAPI document of every route, of wall and DICOMweb too. Raises: FileNotWritten."""
    try:
        desk = WallClient(Path("wall.sock"))
        write_openapi(path, [*_desk_routers(desk), *DICOMWEB])
    except OSError as error:
        raise FileNotWritten(file=path, reason=system_fault(error)) from None
