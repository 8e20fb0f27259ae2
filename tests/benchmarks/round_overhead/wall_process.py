"""The wall process of a hospital of round-overhead: `wall_process.py HOME`; the pinned worker answers until it ends."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from benchmarks.round_overhead.hospital import answering, read_hospital

from node.edges.federation.worker import Answers, serve

if __name__ == "__main__":
    hospital = read_hospital(Path(sys.argv[1]))
    wall = answering(hospital)
    serve(hospital.worker, Answers(wall.answer, wall.refuse), stop=threading.Event())
