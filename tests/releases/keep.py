"""Keeps the data directories of this release: `python -m tests.releases.keep`, once, when a version is closed.

Two hospitals hold a few drawn films each, read once; a short plan on the smallest network has been run and released.
One hospital's home, the coordinator's and the partner's are packed, without logs and locks, with `known.json`: what
must still be found in them. The keys in it belong to nobody.
"""

from __future__ import annotations

import json
import lzma
import sys
import tarfile
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER.parents[1]), str(FOLDER.parent)]

from e2e.federation_place import Federation, ledger, running_federation  # noqa: E402 - found by the line above

from deploy.demo.plan import Schedule  # noqa: E402 - the same
from deploy.demo.staff import Person  # noqa: E402 - the same
from node.training.catalog import CHEST_CNN_GN_1, tensor_specs  # noqa: E402 - the same
from protocols.models import Dtype, Hyperparameter, ModelManifest, TensorSpec  # noqa: E402 - the same

FILMS = 36
SHORT_RUN = Schedule(rounds=1, local_steps=2, batch_size=4, learning_rate=1e-9, weight_decay=0.0)
"""Steps too small to change a weight: the model is published because it is no worse than its start."""
_LEFT_OUT = {"logs", "run", "flwr", "export"}


def main() -> int:
    """The archive of this release is written; one that exists is never replaced."""
    target = FOLDER / f"{version('intramuros')}.tar.xz"
    if target.exists():
        print(f"{target.name} is kept already: raise the version first", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        with running_federation(work, films=FILMS) as federation:
            known = walked(federation)
        (work / "known.json").write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
        pack(work, known["site"], target)
    print(f"{target.name}: {target.stat().st_size} bytes")
    return 0


def walked(federation: Federation) -> dict[str, Any]:
    """A short run was made and its release fetched; what the homes must be found to hold."""
    hospital = federation.hospitals[0]
    plan = federation.plan(SHORT_RUN, model=smallest())
    ended = federation.wait_end(federation.started(plan), 300)
    assert ended["reason"] is None, ended
    target = federation.work / "partner" / "release"
    target.mkdir()
    federation.coordinator.partner("fetch", plan.plan_id, "--out", str(target))
    return {
        "version": version("intramuros"),
        "site": hospital.name,
        "fingerprint": federation.coordinator.asks("sites")[0]["fingerprint"],
        "plan_id": plan.plan_id,
        "images": hospital.intake(),
        "ledger": [entry["message_kind"] for entry in ledger(hospital)],
        "readings": _readings(hospital.staff["lead"]),
        "people": sorted(person["name"] for person in hospital.staff["it"].get("/api/people")["people"]),
    }


def _readings(lead: Person) -> int:
    """How many readings the node itself counts, over every project."""
    projects = lead.get("/api/projects")["projects"]
    return sum(lead.get(f"/api/projects/{project['project_id']}/progress")["readings"] for project in projects)


def smallest() -> ModelManifest:
    """The narrowest network of the audited catalog."""
    width = {"width": 8.0}
    return ModelManifest(
        architecture=CHEST_CNN_GN_1,
        input_pixels=128,
        hyperparameters=(Hyperparameter(name="width", value=8),),
        tensors=tuple(
            TensorSpec(name=name, shape=shape, dtype=Dtype.FLOAT32)
            for name, shape in tensor_specs(CHEST_CNN_GN_1, width)
        ),
    )


def pack(work: Path, site: str, target: Path) -> None:
    """The homes of one hospital, the coordinator and the partner, their databases whole, in one archive."""
    with lzma.open(target, "wb") as packed, tarfile.open(fileobj=packed, mode="w") as archive:
        for name in (site, "coordinator", "partner", "known.json"):
            archive.add(work / name, arcname=name, filter=_plain)


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    parts = Path(entry.name).parts
    if (len(parts) > 1 and parts[1] in _LEFT_OUT) or entry.name.endswith(".lock"):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    raise SystemExit(main())
