"""The Flower bundle of every run: a thin project file and one line that names the installed ServerApp.

The bytes depend on nothing but this file, so that their digest can be pinned on the nodes. Files are stored, not
deflated: the result of a compressor differs between its releases.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from io import BytesIO
from typing import Final

PROJECT: Final = """\
[project]
name = "intramuros-rounds"
version = "1.0.0"
description = "Names the installed ServerApp of Intramuros. No code of substance."
license = "Apache-2.0"
dependencies = []

[tool.flwr.app]
publisher = "intramuros"

[tool.flwr.app.components]
serverapp = "intramuros_rounds:app"
clientapp = "intramuros_rounds:no_client_app"

[tool.flwr.app.config]
plan-id = ""
attempt = 1
"""
ENTRY: Final = '''\
"""Names the ServerApp installed with the coordinator; nodes answer with their own installed worker."""

from coordinator.edges.federation.server_app import app

__all__ = ["app", "no_client_app"]

no_client_app = None
'''
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MADE_ON_UNIX = 3


def build_bundle() -> bytes:
    """The one bundle of Intramuros, the same bytes on every machine."""
    return bundle_of({"pyproject.toml": PROJECT.encode(), "intramuros_rounds.py": ENTRY.encode()})


def bundle_of(files: Mapping[str, bytes]) -> bytes:
    """A Flower bundle of these files in their order, with Flower's list of contents at its end."""
    contents = "\n".join(f"{name},{hashlib.sha256(held).hexdigest()},{len(held) * 8}" for name, held in files.items())
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, held in {**files, ".info/CONTENT": contents.encode()}.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system, entry.external_attr = _MADE_ON_UNIX, 0o644 << 16
            archive.writestr(entry, held)
    return written.getvalue()
