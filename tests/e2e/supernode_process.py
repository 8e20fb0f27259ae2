"""The SuperNode process of the harness: `supernode_process.py SETTINGS.json`, as the supervisor's child does it."""

from __future__ import annotations

import sys
from pathlib import Path

from pydantic import TypeAdapter

from node.edges.federation.supernode import SuperNodeSettings, run_supernode

if __name__ == "__main__":
    run_supernode(TypeAdapter(SuperNodeSettings).validate_json(Path(sys.argv[1]).read_bytes()))
