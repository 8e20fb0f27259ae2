"""`intramuros node deid-…`: what the hospital has chosen in words, and how the cleaning does on planted files."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from node.deidentify.policy import Dates, Policy, in_words, method_codes
from node.wiring.commands import HomeOption, JsonOption
from node.wiring.deidentify_policy import policy_of
from node.wiring.place import open_place
from node.wiring.terminal import language, refusals, say, show

MISSES_SHOWN = 200
EVERYTHING = Policy(dates=Dates.MODIFIED, times=True, safe_private=True, descriptors=True, structured=True)
"""Every option but those that keep an identity on purpose (devices, institution, UIDs, full dates)."""


def deid_policy(home: HomeOption, as_json: JsonOption = False) -> None:
    """Say in words which options of the DICOM confidentiality profile this hospital has chosen in node.toml."""
    with refusals():
        policy = policy_of(open_place(home).config.deidentify)
        codes = [{"code": code, "meaning": meaning} for code, meaning in method_codes(policy)]
        show({**asdict(policy), "codes": codes}, *in_words(policy, language()), as_json=as_json)


def deid_selftest(
    folder: Annotated[Path, typer.Argument(help="A folder of planted DICOM files with its answer key, key.csv.")],
    as_json: JsonOption = False,
) -> None:
    """Clean planted files, descriptions kept, and score every required action against their answer key."""
    from node.deidentify.pixels.reader import TextReader
    from node.deidentify.selftest import BLANK, cleaned_with_a_new_key, read_key, score

    with refusals():
        key = read_key(folder)
        finder = TextReader() if any(row.action == BLANK for row in key) else None
        scored = score(folder, key, cleaned_with_a_new_key(EVERYTHING, finder))
        recall = {name: round(share, 4) for name, share in sorted(scored.by_category().items())}
        figures = {"actions": scored.actions, "right": scored.actions - len(scored.misses), "share": scored.share}
        lines = [f"{share:7.2%}  {name}" for name, share in recall.items()]
        missed = [say("selftest_miss", **asdict(miss)) for miss in scored.misses[:MISSES_SHOWN]]
        total = say("selftest_share", share=f"{scored.share:.3%}", right=figures["right"], actions=scored.actions)
        show(
            {**figures, "recall": recall, "misses": [asdict(miss) for miss in scored.misses]},
            *lines,
            *missed,
            total,
            as_json=as_json,
        )
