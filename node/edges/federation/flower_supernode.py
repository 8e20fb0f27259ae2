"""Flower's SuperNode process, started so that no bundle is ever opened in it.

Stock, the SuperNode unzips every bundle it is sent and parses a file out of it, and follows redirects. Here
- a bundle whose bytes do not have the pinned digest is dropped as it arrives and an empty one kept in its place;
- not even the pinned bundle is opened: the run configuration is empty, what a task may do stands in its frame;
- redirects are refused, so that the coordinator cannot point the SuperNode at another address.
Imported only by the SuperNode process, after its environment is set: Flower reads it while it is imported.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from flwr.app import UserConfig
from flwr.proto.fab_pb2 import Fab, GetFabRequest, GetFabResponse
from flwr.supercore.run import Run
from flwr.supernode import start_client_internal
from flwr.supernode.cli import flower_supernode
from flwr.supernode.fleet_http_client import FleetHttpClient

from node.edges.federation.flower_internals import FlowerVersionRefused, require_pinned_flower


def run_unopened(arguments: Sequence[str], *, allowed_bundle_sha256: str) -> None:
    """Runs Flower's SuperNode with these arguments until it is told to stop. Raises: FlowerVersionRefused."""
    require_pinned_flower()
    _replace(start_client_internal, "get_fused_config_from_fab", _empty_configuration)
    _replace(FleetHttpClient, "GetFab", _keeping_only(allowed_bundle_sha256, FleetHttpClient.GetFab))
    _replace(FleetHttpClient, "__init__", _without_redirects(FleetHttpClient.__init__))
    sys.argv = ["flower-supernode", *arguments]
    flower_supernode()


def _replace(owner: ModuleType | type, name: str, substitute: Callable[..., Any]) -> None:
    if not callable(getattr(owner, name, None)):
        raise FlowerVersionRefused(f"Flower has no {name} to guard")
    setattr(owner, name, substitute)


def _empty_configuration(fab_file: Path | bytes, run: Run) -> UserConfig:
    """The run configuration of any bundle: none. The bundle stays closed."""
    return {}


def _keeping_only(
    allowed_bundle_sha256: str, ask: Callable[[FleetHttpClient, GetFabRequest], GetFabResponse]
) -> Callable[[FleetHttpClient, GetFabRequest], GetFabResponse]:
    def ask_and_drop_foreign(client: FleetHttpClient, request: GetFabRequest) -> GetFabResponse:
        content = ask(client, request).fab.content
        if hashlib.sha256(content).hexdigest() != allowed_bundle_sha256:
            content = b""
        return GetFabResponse(fab=Fab(hash_str=hashlib.sha256(content).hexdigest(), content=content))

    return ask_and_drop_foreign


def _without_redirects(start: Callable[..., None]) -> Callable[..., None]:
    def start_without_redirects(client: FleetHttpClient, *positional: Any, **named: Any) -> None:
        start(client, *positional, **named)
        client._client.follow_redirects = False  # noqa: SLF001 - Flower offers no setting for it

    return start_without_redirects
