"""How well two masks of one case agree: Dice's coefficient, and the 95th percentile of the Hausdorff distance.

Masks are boolean on one grid; spacing is in millimetres along each axis. The surface of a mask is every pixel that
touches the outside along an axis. HD95 is the larger of the two directed 95th percentiles of the distances from one
surface to the other (the definition of MONAI and of Maier-Hein et al., doi:10.1038/s41592-023-02151-z); distances are
exact. Two empty masks agree wholly: Dice 1, HD95 0; where one alone is empty, Dice is 0 and there is no distance.
Source: Dice 1945, doi:10.2307/1932409; Huttenlocher et al. 1993, doi:10.1109/34.232073.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from node.consensus.errors import AgreementUnmeasurable, ShapesDiffer

Mask = NDArray[np.bool_]
PERCENTILE = 95.0


def dice(first: Mask, second: Mask) -> float:
    """Twice the common pixels over the sum of both; 1 for two empty masks.

    Raises:
        ShapesDiffer: the masks are not on one grid.
    """
    _check_shapes(first, second)
    marked = int(first.sum()) + int(second.sum())
    return 1.0 if marked == 0 else 2.0 * int((first & second).sum()) / marked


def hd95(first: Mask, second: Mask, spacing_mm: Sequence[float]) -> float:
    """The 95 % Hausdorff distance of the surfaces in millimetres; 0 for two empty masks.

    Raises:
        ShapesDiffer: the masks are not on one grid, or spacing has another number of axes.
        AgreementUnmeasurable: one of the masks is empty.
    """
    _check_shapes(first, second)
    if len(spacing_mm) != first.ndim:
        raise ShapesDiffer("spacing has another number of axes than the masks")
    if not first.any() and not second.any():
        return 0.0
    if not first.any() or not second.any():
        raise AgreementUnmeasurable("one of the masks is empty")
    box = _bounds(first | second)
    surfaces = [surface(mask[box]) for mask in (first, second)]
    directed = [
        np.percentile(np.sqrt(squared_distances_mm(to, spacing_mm)[of]), PERCENTILE)
        for of, to in (surfaces, surfaces[::-1])
    ]
    return float(max(directed))


def surface(mask: Mask) -> Mask:
    """The pixels of the mask that touch the outside along an axis; what leaves the grid is outside."""
    padded = np.pad(mask, 1)
    inner = mask.copy()
    for axis in range(mask.ndim):
        for shift in (-1, 1):
            inner &= np.roll(padded, shift, axis=axis)[(slice(1, -1),) * mask.ndim]
    return mask & ~inner


def squared_distances_mm(marked: Mask, spacing_mm: Sequence[float]) -> NDArray[np.float64]:
    """Squared distance of every pixel to the nearest marked one: float64, the shape of `marked`.

    One axis at a time, the lower envelope of parabolas by shifts; a shift that can shorten nothing ends the axis, so
    the work grows with the largest distance and not with the size of the grid.
    Source: Felzenszwalb and Huttenlocher 2012, doi:10.4086/toc.2012.v008a019 (separability).
    """
    found = np.where(marked, 0.0, np.inf)
    for axis, spacing in enumerate(spacing_mm):
        lines = np.moveaxis(found, axis, 0)
        nearest = lines.copy()
        for shift in range(1, len(lines)):
            cost = (shift * spacing) ** 2
            if cost >= nearest.max():
                break
            np.minimum(nearest[shift:], lines[:-shift] + cost, out=nearest[shift:])
            np.minimum(nearest[:-shift], lines[shift:] + cost, out=nearest[:-shift])
        found = np.moveaxis(nearest, 0, axis)
    return found


def _bounds(mask: Mask) -> tuple[slice, ...]:
    """The smallest box around the mask."""
    corners = np.nonzero(mask)
    return tuple(slice(int(places.min()), int(places.max()) + 1) for places in corners)


def _check_shapes(first: Mask, second: Mask) -> None:
    if first.shape != second.shape:
        raise ShapesDiffer("the masks are not on one grid")
