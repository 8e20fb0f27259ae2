"""What patients had a part in, as sentences in both languages; the texts are the release station's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from node.flows.wall_views import Words
from node.ground.texts import Language, text
from node.release.taking_part import RunPart


def part_sentences(run: RunPart) -> list[Words]:
    """The rounds of one run, what became of its model, and what this hospital may do."""
    return [*_rounds(run), _words(f"part_released_{run.released}", round=run.released_round or 0), _advice(run)]


def gap_sentence(rounds: Sequence[int]) -> Words:
    """Of which rounds nothing can be told."""
    return _words("part_unrecorded", rounds=ranges(rounds))


def ranges(numbers: Sequence[int]) -> str:
    """Ascending numbers, runs of them joined: `1-3, 5`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][-1:] = [spans[-1][0], number] if len(spans[-1]) == 1 else [number]
        else:
            spans.append([number])
    return ", ".join("-".join(map(str, span)) for span in spans)


def _rounds(run: RunPart) -> Iterator[Words]:
    if run.learnt:
        yield _words("part_learnt", rounds=ranges(run.learnt))
        yield _words("part_left", rounds=ranges(run.left)) if run.left else _words("part_nothing_left")
    if run.measured:
        yield _words("part_measured", rounds=ranges(run.measured))


def _advice(run: RunPart) -> Words:
    return _words(f"part_advice_{run.advice}".replace("-", "_"))


def _words(key: str, **fields: object) -> Words:
    return Words(en=text(f"release.{key}", Language.EN, **fields), ko=text(f"release.{key}", Language.KO, **fields))


NOT_UNLEARNT = _words("part_about")
"""What an exclusion does not do."""
