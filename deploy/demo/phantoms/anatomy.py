"""A chest-like picture from a random generator: body, lungs, ribs, spine, heart, noise and, if asked, an opacity.

Brightness is 0..1, air dark, as in MONOCHROME2. Coordinates run from -1 to 1, x to the right and y down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
RIBS = 9


@dataclass(frozen=True, slots=True)
class Look:
    """What makes one site's pictures differ from another's."""

    rows: int
    columns: int
    brightness: float
    contrast: float
    noise: float


@dataclass(frozen=True, slots=True)
class _Lung:
    x: float
    y: float
    width: float
    height: float

    def inside(self, x: Plane, y: Plane) -> Plane:
        """Soft membership 0..1 of every pixel."""
        distance = _square((x - self.x) / self.width) + _square((y - self.y) / self.height)
        return _edge(1.0 - distance, softness=0.12)


def draw_chest(rng: np.random.Generator, look: Look, *, opacity: bool) -> Plane:
    """A picture [row, column] of 0..1, with two opacities in the lungs when `opacity` holds."""
    y, x = np.meshgrid(_axis(look.rows), _axis(look.columns), indexing="ij")
    size = 1.0 + rng.uniform(-0.08, 0.08)
    lungs = _lungs(rng, size)
    air = np.maximum(lungs[0].inside(x, y), lungs[1].inside(x, y))
    picture = 0.08 + 0.5 * _edge(1.0 - _square(x / (0.92 * size)) - _square(_square((y - 0.35) / 1.5)), softness=0.1)
    picture -= 0.33 * air
    picture += 0.16 * np.exp(-_square(x / 0.1))
    picture += _heart(rng, x, y) * 0.2 + _ribs(rng, x, y, size) * 0.07 * (0.4 + 0.6 * air)
    if opacity:
        picture += _opacities(rng, x, y, lungs)
    picture += look.noise * (_grain(rng, look) + 0.6 * rng.standard_normal(picture.shape, dtype=np.float32))
    shown = (picture - 0.35) * look.contrast + 0.35 + look.brightness
    return np.asarray(np.clip(shown, 0.0, 1.0), dtype=np.float32)


def _axis(count: int) -> Plane:
    axis: Plane = np.linspace(-1.0, 1.0, count, dtype=np.float32)
    return axis


def _square(plane: Plane) -> Plane:
    squared: Plane = plane * plane
    return squared


def _edge(signed: Plane, *, softness: float) -> Plane:
    return np.asarray(0.5 + 0.5 * np.tanh(signed / softness), dtype=np.float32)


def _lungs(rng: np.random.Generator, size: float) -> tuple[_Lung, _Lung]:
    heights = rng.uniform(0.56, 0.68, 2) * size
    widths = rng.uniform(0.27, 0.33, 2) * size
    shift = rng.uniform(-0.05, 0.05)
    right = _Lung(-0.44 * size + shift, -0.05, float(widths[0]), float(heights[0]))
    left = _Lung(0.44 * size + shift, -0.08, float(widths[1]), float(heights[1]))
    return right, left


def _heart(rng: np.random.Generator, x: Plane, y: Plane) -> Plane:
    width, height = rng.uniform(0.26, 0.36), rng.uniform(0.26, 0.32)
    return _edge(1.0 - _square((x - 0.12) / width) - _square((y - 0.28) / height), softness=0.3)


def _ribs(rng: np.random.Generator, x: Plane, y: Plane, size: float) -> Plane:
    phase = rng.uniform(0.0, 1.0)
    bow = y - 0.35 * _square(x / size)
    waves = np.cos((bow * RIBS / 2 + phase) * 2 * np.pi)
    return np.asarray(np.clip(waves - 0.3, 0.0, None), dtype=np.float32)


def _opacities(rng: np.random.Generator, x: Plane, y: Plane, lungs: tuple[_Lung, _Lung]) -> Plane:
    total = np.zeros_like(x)
    for _ in range(2):
        lung = lungs[int(rng.integers(0, 2))]
        turn, away = rng.uniform(0.0, 2 * np.pi), rng.uniform(0.0, 0.6)
        centre_x = lung.x + away * lung.width * float(np.cos(turn))
        centre_y = lung.y + away * lung.height * float(np.sin(turn))
        radius = rng.uniform(0.15, 0.25)
        total += rng.uniform(0.3, 0.42) * np.exp(-(_square(x - centre_x) + _square(y - centre_y)) / radius**2)
    return total


def _grain(rng: np.random.Generator, look: Look) -> Plane:
    """Slow noise of unit strength, as from tissue."""
    coarse = rng.standard_normal((look.rows // 16 + 1, look.columns // 16 + 1), dtype=np.float32)
    grown = np.kron(coarse, np.ones((16, 16), dtype=np.float32))[: look.rows, : look.columns]
    for axis in (0, 1):
        for shift in (4, 8):
            grown = 0.5 * (grown + np.roll(grown, shift, axis))
    return grown
