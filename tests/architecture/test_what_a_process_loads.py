"""Each process of a node loads what it works with and no more: a start costs time on every core and memory for good.

Asked of a fresh interpreter for each, after the process's own modules are there and before it does anything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY: Final = frozenset(
    "PIL SimpleITK alembic fastapi flwr grpc highdicom httpx numpy onnxruntime opacus pydicom pynetdicom requests"
    " scipy sklearn starlette torch typer uvicorn".split()
)
_PROCESS = "from node.wiring.process import body_of; body_of({!r})"
_DICOM = {"numpy", "PIL", "pydicom"}
"""pydicom brings the others wherever they are installed."""
_FLOWER = {"fastapi", "flwr", "grpc", "httpx", "requests", "starlette", "typer"}

# What is typed or started, and which of the heavy parts it may load.
LOADS: Final = {
    "a command": ("import node.__main__", {"typer"}),
    "supervisor": ("import node.wiring.tree", set()),
    "receive": (_PROCESS.format("receive"), {*_DICOM, "pynetdicom", "requests"}),
    "jobs": (_PROCESS.format("jobs"), set()),
    "web": (_PROCESS.format("web"), {"fastapi", "numpy", "starlette", "uvicorn"}),
    "wall": (_PROCESS.format("wall"), {*_FLOWER, "numpy"}),
    "supernode, before Flower": (_PROCESS.format("supernode"), set()),
    "sandbox": ("import node.edges.sandbox.__main__", _DICOM),
}


@pytest.mark.parametrize("name", LOADS)
def test_a_process_loads_no_heavy_part_that_it_does_not_work_with(name: str) -> None:
    statement, may = LOADS[name]
    asked = f"{statement}\nimport json, sys\nprint(json.dumps([n for n, m in sys.modules.items() if m is not None]))"
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    loaded = {module.partition(".")[0] for module in json.loads(done.stdout)}
    assert loaded & HEAVY <= may, f"{name} also loads {sorted(loaded & HEAVY - may)}"
