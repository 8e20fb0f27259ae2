"""Logs that can be shown to anyone: structured, and nothing but the fields listed here.

An unknown field is named but its value is dropped. What a log may say is decided here, not by each caller.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED_FIELDS = frozenset(
    {
        "event", "level", "timestamp", "process", "child", "pid", "port", "exit_code", "seconds", "count", "state",
        "status", "code", "error_type", "route", "method", "plan_id", "run_id", "site_id", "partner_id", "release_id",
        "round", "attempt", "step", "start",
    }
)  # fmt: skip


def allowed(_logger: object, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event with the values of unknown fields dropped."""
    for field in list(event):
        if field not in ALLOWED_FIELDS:
            event[field] = "(not logged)"
    return event


def configure_logs(process: str) -> None:
    """Every log line of this process is one JSON object on standard error."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.contextvars.merge_contextvars,
            allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)


def log() -> structlog.typing.FilteringBoundLogger:
    """The logger of this process."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger()
    return logger
