"""SIGKILL at random moments of receiving, again and again on one store: the full form kills two hundred times."""

import random
from pathlib import Path

import pytest
from fakes.killed_receiver import check_nothing_lost, free_port, killed_while_receiving

KILLS_SHORT, KILLS_FULL = 12, 200
CHECKED_EVERY = 20


@pytest.mark.attacks
@pytest.mark.timeout(1500)
def test_no_kill_loses_an_acknowledged_image_or_leaves_one_half_visible(tmp_path: Path, *, short: bool) -> None:
    home, port, seed = tmp_path / "home", free_port(), random.randrange(1 << 32)
    kills, acknowledged, chance = KILLS_SHORT if short else KILLS_FULL, list[str](), random.Random(seed)
    for turn in range(1, kills + 1):
        acknowledged += killed_while_receiving(home, port, turn, chance)
        if turn % CHECKED_EVERY == 0:
            check_nothing_lost(home, acknowledged)
    kept = check_nothing_lost(home, acknowledged)
    assert len(acknowledged) >= kills, f"seed {seed}: too few images came between the kills"
    print(f"{kills} kills, {len(acknowledged)} images acknowledged, {kept} kept, none half (seed {seed})")
