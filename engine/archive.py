"""Models as files: one `.npz` with the arrays and a JSON header, and never a pickle.

Every dataclass that a model is made of is taken apart into its fields: arrays go into the archive
under their path (`fold.s`), plain values into the header, and dataclasses are named there. Only
classes that say so where they are defined (`engine.stored`) are written or made again.
"""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import EngineError
from engine.model import Model
from engine.stored import class_named

Array: TypeAlias = NDArray[Any]

VERSION = 2
_RENAMED = {"Model": "Factorisation"}
"""Names in files of version 1, and what they are called now."""
_HEADER = "header"
_FAULTS = (ValueError, KeyError, TypeError, EOFError, RuntimeError, zlib.error, zipfile.BadZipFile)
"""What NumPy and the zip reader raise at files that are damaged, encrypted or something else."""


class UnreadableModel(EngineError):
    """The file is damaged, not a model, of a newer version, or of an unknown algorithm."""


class UnsavableModel(EngineError):
    """The model holds something that could not be read back from a file."""


def save(model: Model, file: str | Path, extra: dict[str, Any] | None = None) -> None:
    """Write `model` to `file`, with `extra` (plain values) in its header.

    The file is written beside its place and moved there, so that it is whole or not there at all.

    Raises
    ------
    UnsavableModel
        If a file of it could not be loaded again; nothing is written.
    OSError
        If it cannot be written.
    """
    file = Path(file)
    header, arrays = _contents(model, extra or {})
    beside = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as stream:
            np.savez(stream, allow_pickle=False, **{_HEADER: header}, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def load(file: str | Path) -> Model:
    """Return the model in `file`.

    Raises
    ------
    UnreadableModel
        If the file is damaged, not a model, of a newer version, or of an unknown algorithm.
    OSError
        If it cannot be read.
    """
    return read(file)[0]


def read(file: str | Path) -> tuple[Model, dict[str, Any]]:
    """Return the model in `file`, as `load` does, and the extra values of its header."""
    with _opened(file) as (header, archive):
        model = _put_together(header["model"], archive)
        if not isinstance(model, Model):
            raise UnreadableModel(f"{file} holds no model.")
        return model, header["extra"]


def read_header(file: str | Path) -> dict[str, Any]:
    """Return the extra values of the header alone, without reading the arrays; see `load`."""
    with _opened(file) as (header, _):
        extra: dict[str, Any] = header["extra"]
        return extra


@contextmanager
def _opened(file: str | Path) -> Iterator[tuple[dict[str, Any], Any]]:
    """Give the header and the archive; faults in them are of the file."""
    try:
        with Path(file).open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            header: dict[str, Any] = json.loads(archive[_HEADER].tobytes())
            if header["version"] > VERSION:
                raise UnreadableModel(f"{file} was written by a newer reelrank; update this one.")
            yield header, archive
    except _Unknown as error:
        raise UnreadableModel(
            f"{file} holds a {error}, which this program does not know."
        ) from None
    except UnreadableModel:
        raise
    except _FAULTS:
        raise UnreadableModel(f"{file} is damaged or not a model; train it anew.") from None


class _Unknown(EngineError):
    """A class that files do not hold; the text is its name."""


def _contents(model: Model, extra: dict[str, Any]) -> tuple[Array, dict[str, Array]]:
    """Return the header and the arrays of a file, from which `model` was made again once."""
    arrays: dict[str, Array] = {}
    try:
        told = {"version": VERSION, "extra": extra, "model": _taken_apart(model, "", arrays)}
        text = json.dumps(told)
        again = _put_together(json.loads(text)["model"], arrays)
    except (TypeError, ValueError) as error:
        raise UnsavableModel(f"The model cannot be saved: {error}") from None
    if not isinstance(again, Model):
        raise UnsavableModel(f"A {type(model).__name__} is no model, and only models are saved.")
    return np.frombuffer(text.encode(), np.uint8), arrays


def _taken_apart(part: Any, path: str, arrays: dict[str, Array]) -> Any:
    if isinstance(part, np.ndarray) and not part.dtype.hasobject:
        arrays[path] = part
        return {"array": path}
    if is_dataclass(part) or hasattr(part, "_fields"):
        return _named(part, path, arrays)
    if isinstance(part, list | tuple):
        inside = [_taken_apart(one, f"{path}.{i}", arrays) for i, one in enumerate(part)]
        return {"tuple": inside} if isinstance(part, tuple) else inside
    if isinstance(part, np.generic):
        return part.item()
    if part is None or isinstance(part, bool | int | float | str):
        return part
    raise TypeError(f"{path.lstrip('.')} is a {type(part).__name__}, which files do not hold.")


def _named(part: Any, path: str, arrays: dict[str, Array]) -> Any:
    """Return what stands for a dataclass or named tuple, if its class may be made again."""
    kind = type(part)
    if class_named(kind.__name__) is not kind:
        raise TypeError(f"{kind.__name__} is not marked with engine.stored.stored.")
    names = [field.name for field in fields(part)] if is_dataclass(part) else part._fields
    inside = {name: _taken_apart(getattr(part, name), f"{path}.{name}", arrays) for name in names}
    return {"kind": kind.__name__, "fields": inside}


def _put_together(part: Any, arrays: Mapping[str, Array]) -> Any:
    if isinstance(part, list):
        return [_put_together(one, arrays) for one in part]
    if not isinstance(part, dict):
        return part
    if "tuple" in part:
        return tuple(_put_together(one, arrays) for one in part["tuple"])
    if "array" in part:
        array = arrays[part["array"]].view()
        array.flags.writeable = False
        return array
    name = str(part["kind"])
    name = _RENAMED.get(name, name)
    kind = class_named(name)
    if kind is None:
        raise _Unknown(name)
    return kind(**{key: _put_together(value, arrays) for key, value in part["fields"].items()})
