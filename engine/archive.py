"""Models as files: one `.npz` with the arrays and a JSON header, and never a pickle.

Every dataclass that a model is made of is taken apart into its fields: arrays go into the archive
under their path (`fold.s`), plain values into the header, and dataclasses are named there.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.als import ALS
from engine.bayes import BayesianMF
from engine.draws import Draws, Memo
from engine.errors import EngineError
from engine.gibbs import Noise
from engine.model import Model, Ridge
from engine.nmf import NMF
from engine.posterior import PosteriorModel
from engine.ratings import Scale
from engine.rows import Penalty
from engine.sgd import SGD
from engine.svd import SVD, Imputed, Projection

VERSION = 1
KINDS: dict[str, Any] = {
    kind.__name__: kind
    for algorithms in (
        (ALS, BayesianMF, NMF, SGD, SVD, Model, Scale),
        (Ridge, Penalty, Imputed, Projection),
        (PosteriorModel, Draws, Memo, Noise),
    )
    for kind in algorithms
}
"""What a file may hold, by name; nothing else is ever built from one."""
_HEADER = "header"
_FAULTS = (ValueError, KeyError, TypeError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What NumPy and the zip reader raise at files that are damaged, encrypted or something else."""


class UnreadableModel(EngineError):
    """The file is damaged, not a model, or of a newer version."""


def save(model: Model, file: Path, extra: dict[str, Any] | None = None) -> None:
    """Write `model` to `file`, with `extra` (plain values) in its header.

    The file is written beside its place and moved there, so that it is whole or not there at all.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    arrays: dict[str, NDArray[Any]] = {}
    header = {"version": VERSION, "extra": extra or {}, "model": _taken_apart(model, "", arrays)}
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **{_HEADER: text}, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def load(file: Path) -> tuple[Model, dict[str, Any]]:
    """Return the model in `file` and the extra values of its header.

    Raises
    ------
    UnreadableModel
        If the file is damaged, not a model, or of a newer version.
    OSError
        If it cannot be read.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            header = _header(archive, file)
            model = _put_together(header["model"], "", archive)
    except _FAULTS as error:
        if isinstance(error, UnreadableModel):
            raise
        raise UnreadableModel(f"{file} is damaged or not a model; train it anew.") from None
    if not isinstance(model, Model):
        raise UnreadableModel(f"{file} holds no model.")
    return model, header["extra"]


def read_header(file: Path) -> dict[str, Any]:
    """Return the extra values of the header alone, without reading the arrays.

    Raises
    ------
    UnreadableModel, OSError
        As for `load`.
    """
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            extra: dict[str, Any] = _header(archive, file)["extra"]
            return extra
    except _FAULTS as error:
        if isinstance(error, UnreadableModel):
            raise
        raise UnreadableModel(f"{file} is damaged or not a model; train it anew.") from None


def _header(archive: Any, file: Path) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(archive[_HEADER].tobytes())
    if header["version"] > VERSION:
        raise UnreadableModel(f"{file} was written by a newer reelrank; update this one.")
    return header


def _taken_apart(part: Any, path: str, arrays: dict[str, NDArray[Any]]) -> Any:
    if isinstance(part, np.ndarray):
        arrays[path] = part
        return {"array": path}
    if isinstance(part, Scale):
        return {"kind": "Scale", "fields": part._asdict()}
    if is_dataclass(part):
        inside = {
            field.name: _taken_apart(getattr(part, field.name), f"{path}.{field.name}", arrays)
            for field in fields(part)
        }
        return {"kind": type(part).__name__, "fields": inside}
    return part.item() if isinstance(part, np.generic) else part


def _put_together(part: Any, path: str, archive: Any) -> Any:
    if not isinstance(part, dict):
        return part
    if "array" in part:
        array = archive[part["array"]]
        array.flags.writeable = False
        return array
    inside = {name: _put_together(value, path, archive) for name, value in part["fields"].items()}
    return KINDS[part["kind"]](**inside)
