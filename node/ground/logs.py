"""Logs that can be shown to anyone: structured, scrubbed, never an exception's text from outside code.

Only fields of `ALLOWED_FIELDS` are written, and long digit runs are masked even there; an unknown field is named but
its value is dropped. What a log may say is decided here, not by each caller.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "process", "code", "count", "seconds", "bytes", "port", "pid", "exit_code",
        "state",
        "plan_id", "run_id", "round", "attempt", "case_id", "project_id", "person_id", "site_id", "release_id", "queue",
        "entry", "kind", "status", "method", "route", "error_type", "child", "host", "version", "verdict", "reason",
    }
)  # fmt: skip
_DIGITS = re.compile(r"(?<![0-9a-f-])[0-9]{6,}(?![0-9a-f-])")


def scrub(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event with unknown fields dropped and digit runs masked."""
    for field in list(event):
        if field not in ALLOWED_FIELDS:
            event[field] = "(not logged)"
        elif isinstance(event[field], str) and field != "timestamp":
            event[field] = _DIGITS.sub("(digits)", event[field])
    return event


def configure_logs(process: str) -> None:
    """Every log line of this process is one scrubbed JSON object on standard error."""

    def named(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            named,
            scrub,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    threading.excepthook = _thread_died


def _thread_died(died: threading.ExceptHookArgs) -> None:
    """The log says which kind of error ended a thread; the words of outside code stay out of it."""
    log().error("thread ended by an error", error_type=died.exc_type.__name__)


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger of this process."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
