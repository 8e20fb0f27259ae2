"""All routes of DICOMweb, for the application that carries them."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

from node.edges.dicomweb import attached, retrieving, searching, storing

ROUTERS: Final[tuple[APIRouter, ...]] = (searching.router, retrieving.router, storing.router, attached.router)
