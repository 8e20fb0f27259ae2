"""Killed in the middle of receiving: nothing acknowledged is lost, nothing is half-visible."""

import random
from pathlib import Path

from fakes.killed_receiver import check_nothing_lost, free_port, killed_while_receiving

KILLS = 3


def test_a_kill_loses_no_acknowledged_image_and_leaves_none_half_visible(tmp_path: Path) -> None:
    home, port, chance = tmp_path / "home", free_port(), random.Random()
    acknowledged = [uid for turn in range(1, KILLS + 1) for uid in killed_while_receiving(home, port, turn, chance)]
    assert acknowledged
    check_nothing_lost(home, acknowledged)
