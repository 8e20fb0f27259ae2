"""Real readers: three first reads an image and the label after adjudication (tests' shared data; nothing where absent).

Gold is every tenth image in the order of its identifier; a hedge is no opinion; images of the holdout are left out.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator

from benchmarks.consensus.scored import error
from benchmarks.measured import ROOT

from node.consensus.dawid_skene import dawid_skene
from node.consensus.fusion import majority
from node.consensus.opinion_table import Opinion, gold_of, opinion_table

READERS = ROOT.parent / "shared" / "data" / "cxr-readers"
FINDINGS = ("fracture", "pneumothorax", "airspace_opacity", "nodule_mass")
OPTIONS = ("NO", "YES")


def told_of_real_readers() -> Iterator[str]:
    """One line a finding: errors of majority and of the gold-anchored fusion against the adjudicated label."""
    if not READERS.is_dir():
        yield "The real readers' data was not there."
        return
    reads, truths = _rows("first-reads-3x4.csv"), _rows("adjudicated-4.csv")
    for finding in FINDINGS:
        truth = {row["sop_instance_uid"]: row[finding] for row in truths}
        opinions = [
            Opinion(row["sop_instance_uid"], row["reader"], row[finding]) for row in reads if row[finding] in OPTIONS
        ]
        table = opinion_table(opinions, OPTIONS)
        gold = gold_of(table, {case: truth[case] for case in table.case_ids[::10]})
        right = gold_of(table, truth)
        found = dawid_skene(table, gold, seed=1)
        errors = [error(fused, right, gold < 0) for fused in (majority(table), found.fused)]
        yield (
            f"Real first reads, {finding}: majority wrong in {errors[0]:.1%}, gold-anchored in {errors[1]:.1%} of"
            f" {int((gold < 0).sum())} images against the adjudicated label ({len(table.reader_ids)} readers)."
        )


def _rows(name: str) -> list[dict[str, str]]:
    with (READERS / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["split"] != "holdout"]
