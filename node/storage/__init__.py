"""Keeps things: SQLAlchemy Core behind small stores, one per port; SQLite files or PostgreSQL schemas.

Four databases with one owner each: `intake` (receive, jobs), `ward` (web, jobs), `wall` and `round` (wall alone). No
transaction spans two of them or stays open across a file write, network or inference.
"""
