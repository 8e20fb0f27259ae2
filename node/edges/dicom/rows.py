"""The thread in which the rows of answered instances follow: a batch at a time while somebody sends, else at once."""

from __future__ import annotations

import threading
from typing import Final

from node.flows.accept import Accepting
from node.ground.logs import log

_REST_SECONDS: Final = 0.25
"""Between two batches, so that a busy association costs few commits; the row follows within a second all the same."""
_TROUBLE_SECONDS: Final = 1.0
_LOOK_SECONDS: Final = 0.5


class RowsFollow:
    """Runs from `start` to `stop`; on return from `stop` every row has followed that could, and no file is empty."""

    def __init__(self, accepting: Accepting) -> None:
        self._accepting = accepting
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rows", daemon=True)

    def start(self) -> None:
        """Rows follow from now on."""
        self._thread.start()

    def stop(self) -> None:
        """The thread has ended."""
        self._stop.set()
        self._thread.join()
        self._follow()
        self._accepting.parts.incoming.rest()

    def _run(self) -> None:
        while not self._stop.is_set():
            if self._accepting.wait_for_rows(_LOOK_SECONDS):
                if self._follow():
                    self._accepting.gather(_REST_SECONDS)
                else:
                    self._stop.wait(_TROUBLE_SECONDS)

    def _follow(self) -> bool:
        """False when the rows could not follow now; they stay where they are and are tried again."""
        try:
            self._accepting.follow()
        except Exception as error:  # noqa: BLE001 - an index that does not answer now may answer later
            log().error("rows wait", error_type=type(error).__name__)
            return False
        return True
