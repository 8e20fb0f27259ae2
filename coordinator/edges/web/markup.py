"""HTML without a template engine: every text is escaped unless it is markup made here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Markup(str):
    """Text that is already HTML."""

    __slots__ = ()


def tag(element: str, *content: str, **attributes: str) -> Markup:
    """An element with escaped content and attributes; `class_` and `for_` stand for the reserved words."""
    named = "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<{element}{named}>{join(content)}</{element}>")


def void(element: str, **attributes: str) -> Markup:
    """An element that has no content and no end."""
    named = "".join(f' {name.rstrip("_")}="{escape(value)}"' for name, value in attributes.items())
    return Markup(f"<{element}{named}>")


def join(content: Iterable[str]) -> Markup:
    """The pieces one after another, escaped where they are plain text."""
    return Markup("".join(piece if isinstance(piece, Markup) else escape(piece) for piece in content))


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Markup:
    """A table with a head row."""
    head = tag("thead", tag("tr", *(tag("th", text, scope="col") for text in heads)))
    body = tag("tbody", *(tag("tr", *(tag("td", cell) for cell in row)) for row in rows))
    return tag("div", tag("table", head, body), class_="scroll")


def document(title: str, language: str, *body: str) -> str:
    """A whole page in one language; its style comes from one file, and it runs no script."""
    head = tag(
        "head",
        void("meta", charset="utf-8"),
        void("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", title),
        void("link", rel="stylesheet", href="/operator/operator.css"),
    )
    return "<!doctype html>" + tag("html", head, tag("body", *body), lang=language)
