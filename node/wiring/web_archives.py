"""The archives asked by DICOMweb: their certificates and tokens are read when the jobs process begins."""

from __future__ import annotations

import ssl
from collections.abc import Iterable

from node.edges.dicomweb.parts import Taking
from node.edges.dicomweb.source import WebSource, web_client
from node.ground.config import WebArchive
from node.ground.faults import system_fault
from node.ground.told import Told


class ArchiveFileUnreadable(Told):
    """A file that `dicom.web_archives` names is missing, or is not what it should be."""

    text_key = "terminal.archive_file_unreadable"


def check_archives(archives: Iterable[WebArchive]) -> None:
    """Return when every file that an archive names can be used. Raises: ArchiveFileUnreadable."""
    for archive in archives:
        _trust(archive)
        _token(archive)


def web_source(archive: WebArchive, receiving: Taking) -> WebSource:
    """The archive, ready to be asked. Raises: ArchiveFileUnreadable."""
    client = web_client(archive.url, _trust(archive), token=_token(archive), answer_seconds=archive.answer_seconds)
    return WebSource(archive.name, client, receiving)


def _trust(archive: WebArchive) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=archive.authorities)
    except OSError as error:  # what OpenSSL cannot read as certificates is one too
        raise ArchiveFileUnreadable(file=archive.authorities, reason=system_fault(error)) from None


def _token(archive: WebArchive) -> str | None:
    if archive.token is None:
        return None
    try:
        return archive.token.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ArchiveFileUnreadable(file=archive.token, reason=system_fault(error)) from None
    except UnicodeDecodeError:
        raise ArchiveFileUnreadable(file=archive.token, reason="ASCII") from None
