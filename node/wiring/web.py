"""The web process: the page, its API, and the wall's desk over the socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn

from node.deidentify.frames import DecodedFrame
from node.deidentify.ports import ImageSandbox
from node.edges.sandbox.pool import SandboxPool
from node.edges.wall_socket import WallClient
from node.edges.web.app import create_app, write_openapi
from node.edges.web.parts import WebParts
from node.edges.web.routers.wall import wall_router
from node.flows.sign_in import FrontDoor
from node.ground.faults import system_fault
from node.ground.told import Told
from node.intake.lookups import Lookups
from node.readers.passwords import Argon2Passwords
from node.storage.clean_store import CleanImages
from node.storage.engine import Database
from node.storage.intake_overview import IntakeOverview
from node.storage.original_lookup import OriginalLookup
from node.storage.ward_store import WardStore
from node.wiring.place import Place

_SANDBOXES = 2
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class CertificateRequired(Told):
    """Outside loopback the page is served over HTTPS only."""

    text_key = "terminal.certificate_required"


class FileNotWritten(Told):
    """The system does not let this user write the file."""

    text_key = "terminal.file_not_written"


@dataclass(frozen=True, slots=True)
class CleanFrames:
    """Frames of clean images, decoded in the sandbox; implements `FrameSource`."""

    images: CleanImages
    sandbox: ImageSandbox

    def frame(self, image_id: str, number: int) -> DecodedFrame:
        """The stored values of a frame, numbered from 1."""
        return self.sandbox.frame(self.images.read(image_id), number)

    def preview(self, image_id: str, number: int) -> bytes:
        """The frame as an 8 bit PNG."""
        return self.sandbox.preview(self.images.read(image_id), number)


def run_web(place: Place) -> None:
    """The page has been served until the process was asked to stop.

    Raises:
        CertificateRequired: the address is not loopback and no certificate is configured.
    """
    web = place.config.web
    if web.host not in _LOOPBACK and (web.certificate is None or web.certificate_key is None):
        raise CertificateRequired(host=web.host)
    with SandboxPool(_SANDBOXES) as sandbox:
        app = create_app(web_parts(place, sandbox), [wall_router(WallClient(place.home.run / "wall.sock"))])
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
        door=FrontDoor(ward, Argon2Passwords(), timedelta(minutes=place.config.web.session_minutes)),
        frames=CleanFrames(CleanImages(place.home.clean), sandbox),
        originals=OriginalLookup(intake, Lookups(place.keyring)),
        intake=IntakeOverview(intake),
        clock=place.clock,
        secure=place.config.web.certificate is not None,
        cookie_name=f"intramuros_session_{place.config.web.port}",
    )


def write_api_document(path: Path) -> None:
    """The file holds the OpenAPI document of every route, wall routes included. Raises: FileNotWritten."""
    try:
        write_openapi(path, [wall_router(WallClient(Path("wall.sock")))])
    except OSError as error:
        raise FileNotWritten(file=path, reason=system_fault(error)) from None
