"""What intake refuses. Each error knows the text a person reads; none carries a UID, a name or a path."""

from __future__ import annotations

from node.ground.errors import NodeError
from node.ground.told import Told


class IntakeRefused(Told):
    """Something intake will not do."""


class StoreFull(IntakeRefused):
    """The disk has no room beyond its reserve: nothing was stored, the sender keeps the instance and tries again."""

    text_key = "intake.store_full"


class StoreFailed(IntakeRefused):
    """The disk or the database did not take the instance: nothing was stored, the sender tries again."""

    text_key = "intake.store_failed"


class InstanceTooLarge(IntakeRefused):
    """One instance is larger than the node takes; sending it again cannot help."""

    text_key = "intake.instance_too_large"


class ReceivedMissing(IntakeRefused):
    """The bytes of a received image are gone, or are not those that were stored."""

    text_key = "intake.bytes_damaged"


class CleanMissing(IntakeRefused):
    """There is no clean image of that identifier."""

    text_key = "intake.clean_missing"


class PathMissing(IntakeRefused):
    """The folder or file to import does not exist or cannot be read."""

    text_key = "intake.path_missing"


class NoDicomFound(IntakeRefused):
    """The folder holds no DICOM file."""

    text_key = "intake.no_dicom"


class ArchiveRefused(IntakeRefused):
    """A zip archive that is not unpacked at all; an entry is named by its number in the archive's list."""


class ArchiveBroken(ArchiveRefused):
    """The file starts as a zip archive and its list cannot be read."""

    text_key = "intake.archive_broken"


class ArchiveTooMany(ArchiveRefused):
    """The archive lists more entries than the node takes at once."""

    text_key = "intake.archive_too_many"


class ArchiveEncrypted(ArchiveRefused):
    """An entry is locked with a password, which the node never asks for."""

    text_key = "intake.archive_encrypted"


class ArchiveNameUnsafe(ArchiveRefused):
    """An entry's name is absolute or climbs out of the archive."""

    text_key = "intake.archive_name_unsafe"


class ArchiveLink(ArchiveRefused):
    """An entry is a link to somewhere else."""

    text_key = "intake.archive_link"


class ArchivePackingUnknown(ArchiveRefused):
    """An entry is packed with a method the node does not open."""

    text_key = "intake.archive_packing_unknown"


class ArchiveBomb(ArchiveRefused):
    """An entry unpacks to far more than an archive of images can hold, or shares its bytes with another."""

    text_key = "intake.archive_bomb"


class DirectoryBroken(IntakeRefused):
    """The DICOMDIR cannot be read."""

    text_key = "intake.directory_broken"


class DirectoryEntryUnsafe(IntakeRefused):
    """A file the DICOMDIR names lies outside its medium."""

    text_key = "intake.directory_entry_unsafe"


class PullRefused(IntakeRefused):
    """A pull that cannot be saved, begun or named."""


class PullQueryUnbounded(PullRefused):
    """The query names neither days nor accession numbers."""

    text_key = "intake.pull_query_unbounded"


class PullQueryInvalid(PullRefused):
    """A part of the query is no DICOM value, or too long a list."""

    text_key = "intake.pull_query_invalid"


class PullNameTaken(PullRefused):
    """Another pull has that name; what was saved is never changed."""

    text_key = "intake.pull_name_taken"


class PullUnknown(PullRefused):
    """No pull has that name."""

    text_key = "intake.pull_unknown"


class PullSourceUnknown(PullRefused):
    """The configuration names no such source."""

    text_key = "intake.pull_source_unknown"


class SourceTrouble(NodeError):
    """A source did not answer, or not with all it has; `code` says how, and the study is asked for again."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class PeerAddressInvalid(IntakeRefused):
    """A configured peer's address is no IP address and no network."""

    text_key = "intake.peer_address_invalid"


class ExclusionRefused(IntakeRefused):
    """An exclusion that was not recorded, or a list of them that cannot be used."""


class NumberInvalid(ExclusionRefused):
    """A line of the list is no patient number; it is named by its place and never repeated."""

    text_key = "intake.number_invalid"


class NumbersMissing(ExclusionRefused):
    """There is no number in the list."""

    text_key = "intake.numbers_missing"


class NumbersTooMany(ExclusionRefused):
    """The list is longer than the node takes at once."""

    text_key = "intake.numbers_too_many"


class NotLiftable(ExclusionRefused):
    """An exclusion of that kind does not end for that reason."""

    text_key = "intake.not_liftable"


class ExclusionListDamaged(ExclusionRefused):
    """A file of exclusions holds something that this node did not seal."""

    text_key = "intake.exclusion_list_damaged"


class ExclusionListUnusable(ExclusionRefused):
    """The system does not give or take a file of exclusions."""

    text_key = "intake.exclusion_list_unusable"


class SealBroken(NodeError):
    """Sealed bytes were changed, moved to another place, or sealed with another key."""
