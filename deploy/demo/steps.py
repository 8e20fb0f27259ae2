"""Progress a person can follow: one line per step, with the seconds it took."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Prints steps as they begin, move and end; remembers which one is under way and how long each took."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._live = sys.stdout.isatty()
        self.current = "start"
        self.seconds: dict[str, float] = {}

    @property
    def elapsed_seconds(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self._started

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step is under way inside the block; its name stays the current one when it fails."""
        self.current, began = title, time.monotonic()
        self._print(f"{title} …")
        yield
        self.seconds[title] = round(time.monotonic() - began, 1)
        self._print(f"{title}: done in {self.seconds[title]:.1f} s")

    def moved(self, text: str) -> None:
        """What is under way got further; overwrites its own line on a terminal, is left out of a file."""
        if self._live:
            with self._lock:
                sys.stdout.write(f"\r\033[K[{self.elapsed_seconds:5.0f} s]   {text}")
                sys.stdout.flush()

    def say(self, text: str) -> None:
        """One line of news."""
        self._print(f"  {text}")

    def _print(self, text: str) -> None:
        with self._lock:
            start = "\r\033[K" if self._live else ""
            sys.stdout.write(f"{start}[{self.elapsed_seconds:5.0f} s] {text}\n")
            sys.stdout.flush()
