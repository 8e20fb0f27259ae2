"""A release, verified before a byte of it is written: seal, plan, file digest, every tensor against the passport."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

from coordinator.partner.errors import ReleaseRefused
from protocols.cards import PartnerCard
from protocols.encoding import canonical_json, decode
from protocols.errors import ProtocolError
from protocols.models import Dtype, TensorSpec, blob_bytes, model_digest
from protocols.passports import Passport
from protocols.signing import PublicIdentity, Purpose, unseal

FILES = ("model.safetensors", "passport.sealed", "passport.json")
_PASSPORT_BYTES_MAX = 2 * 1_048_576
_MODEL_BYTES_MAX = 512 * 1_048_576
_HEADER_BYTES_MAX = 8 * 1_048_576


@dataclass(frozen=True, slots=True)
class VerifiedRelease:
    """A release of which everything holds."""

    passport: Passport
    files: dict[str, bytes]


def verify_release(archive: bytes, card: PartnerCard, plan_id: str) -> VerifiedRelease:
    """The release in the archive, believed by the coordinator's seal alone.

    Raises:
        ReleaseRefused: naming the first thing that does not hold.
    """
    files = _unpacked(archive)
    try:
        frame = unseal(files["passport.sealed"], PublicIdentity(card.coordinator_key), Purpose.PASSPORT)
        passport, _ = decode(frame, Passport, max_bytes=_PASSPORT_BYTES_MAX)
    except ProtocolError as refusal:
        raise ReleaseRefused("release-not-sealed", reason=refusal) from None
    if passport.plan_id != plan_id:
        raise ReleaseRefused("release-other-plan")
    if files["passport.json"] != canonical_json(passport.model_dump(mode="json")):
        raise ReleaseRefused("release-other-passport")
    model = files["model.safetensors"]
    if hashlib.sha256(model).hexdigest() != passport.file_sha256:
        raise ReleaseRefused("release-other-file")
    if model_digest(passport.model.tensors, tensor_bytes(model, passport.model.tensors)) != passport.model_sha256:
        raise ReleaseRefused("release-other-tensors")
    return VerifiedRelease(passport, files)


def write_release(release: VerifiedRelease, folder: Path) -> None:
    """The three files are in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        temporary = folder / f"{name}.new"
        temporary.write_bytes(release.files[name])
        temporary.replace(folder / name)


def tensor_bytes(file: bytes, specs: tuple[TensorSpec, ...]) -> bytes:
    """The bytes of exactly these tensors (float32), in this order.

    Source: the safetensors format: a 64 bit little-endian header length, a JSON header, the tensors' bytes.

    Raises:
        ReleaseRefused: not such a file, or other tensors than these.
    """
    header, body = _split(file)
    if set(header) - {"__metadata__"} != {spec.name for spec in specs} or len(body) != blob_bytes(specs):
        raise ReleaseRefused("release-tensors-listed")
    return b"".join(_tensor(header[spec.name], body, spec) for spec in specs)


def _split(file: bytes) -> tuple[dict[str, object], bytes]:
    if len(file) < 8:
        raise ReleaseRefused("release-cut-off")
    (length,) = struct.unpack("<Q", file[:8])
    if length > min(_HEADER_BYTES_MAX, len(file) - 8):
        raise ReleaseRefused("release-cut-off")
    try:
        header = json.loads(file[8 : 8 + length])
    except (ValueError, RecursionError):
        raise ReleaseRefused("release-no-header") from None
    if not isinstance(header, dict):
        raise ReleaseRefused("release-no-header")
    return header, file[8 + length :]


def _tensor(entry: object, body: bytes, spec: TensorSpec) -> bytes:
    match entry:
        case {"dtype": "F32", "shape": list(shape), "data_offsets": [int(start), int(end)]}:
            fits = tuple(shape) == spec.shape and spec.dtype is Dtype.FLOAT32 and end - start == spec.size_bytes
            if fits and 0 <= start <= end <= len(body):
                return body[start:end]
        case _:
            pass
    raise ReleaseRefused("release-tensor", name=spec.name)


def _unpacked(archive: bytes) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            held = {entry.filename: entry for entry in opened.infolist()}
            if sorted(held) != sorted(FILES) or len(opened.infolist()) != len(FILES):
                raise ReleaseRefused("release-other-files")
            if any(entry.file_size > _MODEL_BYTES_MAX for entry in held.values()):
                raise ReleaseRefused("release-too-large")
            return {name: opened.read(name) for name in FILES}
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError):
        raise ReleaseRefused("release-damaged") from None
