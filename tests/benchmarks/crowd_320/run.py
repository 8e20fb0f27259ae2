"""The open loop: each action starts when it is due, or as soon as its reader's last one was answered, and is counted
from when it was due."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.crowd_320.line import Line
from benchmarks.crowd_320.reader import Reader
from benchmarks.crowd_320.schedule import Moment, schedule

AT_ONCE = 16
"""Sign-ins that wait for an answer at a time; they are not measured."""


@dataclass(frozen=True, slots=True)
class Acted:
    """One action: its name, seconds from the moment it was due to its answer, and whether it fell into a burst."""

    name: str
    seconds: float
    in_burst: bool


@dataclass(frozen=True, slots=True)
class Run:
    """What a run gave."""

    readers: list[Reader]
    acted: list[Acted]
    seconds: float
    generator_cpu_seconds: float
    longest_start_late: float
    """How late the generator itself woke an action at most."""


def run(port: int, codes: Sequence[str], seconds: float) -> Run:
    """Everybody signed in and acted as the schedule says."""
    return asyncio.run(_run(port, codes, seconds))


async def _run(port: int, codes: Sequence[str], seconds: float) -> Run:
    readers = [Reader(Line(port), number) for number in range(len(codes))]
    turn = asyncio.Semaphore(AT_ONCE)

    async def signed_in(reader: Reader, code: str) -> None:
        async with turn:
            await reader.sign_in(code)

    await asyncio.gather(*(signed_in(reader, code) for reader, code in zip(readers, codes, strict=True)))
    queues: list[asyncio.Queue[Moment | None]] = [asyncio.Queue() for _ in readers]
    acted: list[Acted] = []
    began, used = time.monotonic(), time.process_time()
    work = [asyncio.create_task(_worker(one, queue, acted, began)) for one, queue in zip(readers, queues, strict=True)]
    late = 0.0
    for moment in schedule(seconds, len(readers)):
        wait = began + moment.due - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        late = max(late, time.monotonic() - began - moment.due)
        queues[moment.reader].put_nowait(moment)
    for queue in queues:
        queue.put_nowait(None)
    await asyncio.gather(*work)
    ended = time.monotonic()
    for reader in readers:
        reader.line.close()
    return Run(readers, acted, ended - began, time.process_time() - used, late)


async def _worker(reader: Reader, queue: asyncio.Queue[Moment | None], acted: list[Acted], began: float) -> None:
    while (moment := await queue.get()) is not None:
        name = await reader.act()
        acted.append(Acted(name, time.monotonic() - began - moment.due, moment.in_burst))
