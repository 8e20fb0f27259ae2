"""Headers of clean images in the jobs process: after every batch that was cleaned, and for those that waited before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from node.edges.jobs.loop import Chore, Work
from node.edges.sandbox.pool import SandboxPool
from node.flows.describe import Describing
from node.flows.jobs import Job, PutBack
from node.storage.clean_store import CleanImages
from node.storage.header_rows import HeaderRowsStore
from node.storage.intake_parts import IntakeGround

_EVERY_SECONDS: Final = 2.0


def describing(ground: IntakeGround, sandbox: SandboxPool) -> Describing:
    """Makes headers of this node's clean images."""
    return Describing(HeaderRowsStore(ground.engine), CleanImages(ground.home.clean), sandbox, ground.clock)


def followed_by_headers(work: Work, headers: Describing) -> Work:
    """The work, after which the images it made clean have their headers."""

    def both(jobs: Sequence[Job]) -> Sequence[PutBack]:
        put_back = work(jobs)
        headers.catch_up()
        return put_back

    return both


def header_chore(headers: Describing) -> Chore:
    """What earlier releases left without a header gets one as time allows."""
    return Chore("headers", _EVERY_SECONDS, headers.catch_up)
