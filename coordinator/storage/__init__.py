"""Keeps things: SQLAlchemy Core behind small books, models as files; SQLite by default, PostgreSQL by URL.

One database, `coordinator`. Writing transactions come one after another on both engines, so that a check and the
change that rests on it cannot be torn apart. None stays open across a file write, the network or a sum.
"""
