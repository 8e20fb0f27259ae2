"""`intramuros node exclude …`: patients whose images are used for nothing, by the hospital's own numbers.

Numbers come from a file, one a line, from standard input (`-`), or one is asked for: as a word of the command it would
stand in the shell's history and in the list of processes. None is ever printed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from node.flows.exclude import Lifted, ListTaken
from node.flows.exclude_parts import KindCount
from node.ground.texts import Language
from node.intake.errors import PathMissing
from node.intake.exclusion import ExclusionKind, LiftReason
from node.wiring.commands import HomeOption, JsonOption, by_it
from node.wiring.place import Place, open_place
from node.wiring.terminal import language, refusals, say, show

if TYPE_CHECKING:
    from node.flows.taking_part_views import TakingPartView
    from node.flows.wall_views import Words

_STDIN = Path("-")
NumbersArgument = Annotated[
    Path | None, typer.Argument(help="A file of patient numbers, one a line; - for standard input; asked for without.")
]
KindOption = Annotated[ExclusionKind, typer.Option(help="Why their images are not used.")]

exclude = typer.Typer(help="Patients whose images are used for nothing.", no_args_is_help=True)


@exclude.command("add")
def add(home: HomeOption, kind: KindOption, numbers: NumbersArgument = None, as_json: JsonOption = False) -> None:
    """Exclude patients: what is here of them leaves worklists, searches and training, what comes is set aside."""
    from node.flows.exclude import exclude as excluding
    from node.wiring.exclusions import exclude_parts

    with refusals():
        place = open_place(home)
        taken = excluding(exclude_parts(place), _numbers(numbers), kind, by_it(place))
        _show_taken(taken, "exclude_added", kind, as_json=as_json)


@exclude.command("lift")
def lift(
    home: HomeOption,
    kind: KindOption,
    reason: Annotated[LiftReason, typer.Option(help="Why the exclusion ends.")],
    numbers: NumbersArgument = None,
    as_json: JsonOption = False,
) -> None:
    """End an exclusion; images whose bytes are still kept are cleaned again, the others are gone for good."""
    from node.flows.exclude import lift as lifting
    from node.wiring.exclusions import exclude_parts

    with refusals():
        place = open_place(home)
        taken = lifting(exclude_parts(place), _numbers(numbers), kind, reason, by_it(place))
        _show_taken(taken, "exclude_lifted", kind, as_json=as_json)
        if taken.gone and not as_json:
            show(None, say("exclude_gone", gone=taken.gone), as_json=False)


@exclude.command("list")
def list_all(home: HomeOption, as_json: JsonOption = False) -> None:
    """How many patients are excluded for what; never who."""
    with refusals():
        counts = _counts(open_place(home))
        lines = [say("exclude_line", **asdict(one) | {"kind": _named(one.kind)}) for one in counts]
        show([asdict(one) for one in counts], *(lines or [say("exclude_none")]), as_json=as_json)


@exclude.command("rounds")
def rounds(home: HomeOption, numbers: NumbersArgument = None, as_json: JsonOption = False) -> None:
    """Tell which rounds and releases these patients had a part in, excluded or not; nothing is changed."""
    from node.wiring.taking_part import parts_of_patients

    with refusals():
        view = parts_of_patients(open_place(home), _numbers(numbers))
        show(view.model_dump(mode="json"), *_part_lines(view), as_json=as_json)


@exclude.command("merge")
def merge(
    file: Annotated[Path, typer.Argument(help="A copy of this node's exclusions.sealed.")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """After a whole home was restored: take what a newer copy of its list knows."""
    from node.wiring.exclusions import replay_exclusions

    with refusals():
        place = open_place(home)
        if not file.is_file():
            raise PathMissing
        brought = replay_exclusions(place, file, by_it(place))
        show({"entries": brought}, say("exclude_merged", count=brought), as_json=as_json)


def _counts(place: Place) -> list[KindCount]:
    from node.wiring.exclusions import exclude_parts

    return sorted(exclude_parts(place).rows.count(), key=lambda one: one.kind)


def _part_lines(view: TakingPartView) -> Iterator[str]:
    """The sentences of every run, under the title of its plan."""
    yield _spoken(view.about)
    for run in view.runs:
        yield say("exclude_run", plan=_title(run.plan), run=run.run_id)
        yield from (f"  {_spoken(told)}" for told in run.told)
    if not view.runs:
        yield say("exclude_no_part")
    for gap in view.unrecorded:
        yield say("exclude_run", plan=_title(gap.plan), run=gap.run_id)
        yield f"  {_spoken(gap.told)}"


def _title(plan: Words | None) -> str:
    return say("exclude_plan_unknown") if plan is None else _spoken(plan)


def _spoken(words: Words) -> str:
    return words.ko if language() is Language.KO else words.en


def _show_taken(taken: ListTaken | Lifted, name: str, kind: ExclusionKind, *, as_json: bool) -> None:
    show(asdict(taken), say(name, kind=_named(kind), **asdict(taken)), as_json=as_json)


def _named(kind: ExclusionKind) -> str:
    return say(f"exclusion_{kind.value.replace('-', '_')}")


def _numbers(source: Path | None) -> list[str]:
    """The lines as they stand."""
    if source is None:
        return [typer.prompt(say("exclude_ask"), hide_input=True, err=True)]
    try:
        text = sys.stdin.read() if source == _STDIN else source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise PathMissing from None
    return text.splitlines()
