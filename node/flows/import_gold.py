"""Gold taken from a file of an export: what it says was agreed is what is true of these cases from now on.

The file is one of an export's own formats, with the project's names of the cases; somebody may have corrected it in
between. What a schema does not vote on is refused, and so is a file without a case of this project, so that a mistaken
file never empties a project's gold. Cases named alike in another project cannot be mixed up: no two share a name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.consensus.voted import voted_of
from node.deidentify.project_key import ProjectNames
from node.flows.act import Act
from node.flows.project_export import NoSuchProject
from node.flows.ward import Ward, WardWork
from node.ground.told import Told
from node.labeling.errors import ProjectUnknown
from node.labeling.formats.exported import Votes
from node.labeling.formats.fhir import read_fhir
from node.labeling.formats.tables import read_votes
from node.labeling.project import Project
from node.labeling.schema_shelf import schema_of

GOLD_IMPORTED: Final = "project.gold-imported"
READERS: Final[Mapping[str, Callable[[bytes], Votes]]] = {
    ".csv": read_votes,
    ".json": lambda contents: read_fhir(contents)[0],
}
"""By the end of a file's name."""


class GoldFileRefused(Told):
    """The file is in none of the formats, names what the schema does not have, or no case of the project."""

    text_key = "terminal.gold_file_refused"


@dataclass(frozen=True, slots=True)
class GoldImported:
    """How many cases of the file are gold now, and how many of its cases the project does not have."""

    cases: int
    unknown: int


def import_gold(ward: Ward, names: ProjectNames, project_id: str, file: tuple[str, bytes], act: Act) -> GoldImported:
    """Exactly the cases that the file speaks of are the project's gold; `file` is the end of its name, and its bytes.

    Raises:
        NoSuchProject: no project has this identifier.
        GoldFileRefused: as its docstring says.
    """
    votes = _read(*file)
    with ward.writing() as work:
        project = _project(work, project_id)
        known = {names.case(case_id): case_id for case_id in work.project_cases.case_ids(project_id)}
        found = {
            (known[case], vote.name): vote.option
            for case, of_case in votes.items()
            if case in known
            for vote in of_case
            if vote.option is not None
        }
        if not found or not _is_voted(project, found):
            raise GoldFileRefused
        work.fusions.set_gold(project_id, found, act.event(GOLD_IMPORTED, f"project:{project_id}"))
    return GoldImported(len({case_id for case_id, _ in found}), len(votes.keys() - known.keys()))


def _read(ending: str, contents: bytes) -> Votes:
    read = READERS.get(ending)
    if read is None:
        raise GoldFileRefused
    try:
        return read(contents)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        raise GoldFileRefused from None


def _project(work: WardWork, project_id: str) -> Project:
    try:
        return work.projects.by_id(project_id)
    except ProjectUnknown:
        known = ", ".join(f"{one.title} = {one.project_id}" for one in work.projects.all())
        raise NoSuchProject(project=project_id, known=known or "-") from None


def _is_voted(project: Project, found: Mapping[tuple[str, str], str]) -> bool:
    """True when the schema votes on everything named, among the options said."""
    options: dict[str, Sequence[str]] = {
        voted.name: voted.options for voted in voted_of(schema_of(project.schema_code, project.schema_version))
    }
    return all(option in options.get(name, ()) for (_, name), option in found.items())
