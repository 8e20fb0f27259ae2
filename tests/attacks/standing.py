"""What a node that is attacked must still be: the same processes, within its memory, with no file but its own."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from e2e.node_process import NodeProcess, Signed

MOST_RESIDENT_KIB: Final = 1_500_000
_MODULES: Final = (b"node", b"node.wiring.process")
"""What a node's processes are started as: the supervisor, and those it starts."""
_NAME: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def children(node: NodeProcess) -> dict[str, int]:
    """The node's processes by what they were started as: name -> process id."""
    found = {}
    for status in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = status.read_bytes().split(b"\0")
        except OSError:
            continue
        module = next((word for word in words if word in _MODULES), None)
        if module is not None and str(node.home).encode() in words:
            found[words[words.index(module) + 1].decode()] = int(status.parent.name)
    return found


def peak_kib(process_id: int) -> int:
    """The most memory the process ever held."""
    status = Path(f"/proc/{process_id}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])  # type: ignore[index]  # every process has one


def strange_files(node: NodeProcess) -> list[str]:
    """Files that a store did not name itself, anywhere around the node's home."""
    stores = ("received", "clean")
    beside = [path for path in node.home.parent.iterdir() if path != node.home]
    stored = (path for store in stores for path in (node.home / store).rglob("*") if path.is_file())
    return [str(path) for path in (*beside, *(path for path in stored if not _NAME.match(path.name)))]


def settled(node: NodeProcess, told: str) -> None:
    """Every image has its verdict, however many are in quarantine."""
    with Signed(node.address, node.add_person(f"전산 {told}"[:40], "it")) as it:
        node.wait(lambda: it.json("GET", "/api/intake")["waiting"] == 0, f"a verdict on all ({told})", 3600)


def check_standing(node: NodeProcess, before: dict[str, int], told: str) -> dict[str, int]:
    """The node is as it was; the peak of each of its processes in KiB."""
    assert {"run", "receive", "web", "jobs"} <= before.keys()
    assert children(node) == before, f"a process was replaced ({told})"
    assert strange_files(node) == []
    peaks = {name: peak_kib(process_id) for name, process_id in before.items()}
    assert max(peaks.values()) < MOST_RESIDENT_KIB, peaks
    return peaks
