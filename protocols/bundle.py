"""The digest of the one Flower bundle a node answers tasks of.

The bundle holds no code of substance: it names the installed ServerApp. It is built by the coordinator from
installed parts, byte for byte the same each time; a test there holds this digest.
"""

from __future__ import annotations

from typing import Final

BUNDLE_SHA256: Final = "fc0054a2255ceca08b396b7f2a0a12c1ec39c18e95e8d3abeb5667621b14929b"
