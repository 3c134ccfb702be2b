"""Which reading model a run uses: the one that ships, another folder or hub's checkpoint, or none."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from policyextract.errors import ModelError

if TYPE_CHECKING:
    from policyextract.ner import ReadingModel

__all__ = ["SHIPPED", "encoder_folder", "model_folder", "reading_model", "shipped_folder"]

SHIPPED = "shipped"
_PACKAGE = Path(__file__).parents[1]
# In the wheel the model lies in the package, in a checkout beside the sources.
_PLACES = (_PACKAGE / "models" / "targets", _PACKAGE.parents[1] / "models" / "targets")


def shipped_folder() -> Path:
    """The folder of the model that ships with policyextract."""
    return next((place for place in _PLACES if place.is_dir()), _PLACES[0])


def encoder_folder() -> Path:
    """The encoder that models are trained from, in a checkout of the repository.

    Raises ModelError where there is none, as in an installed package: it is too large for that.
    """
    folder = _PACKAGE.parents[1] / "models" / "encoder"
    if not folder.is_dir():
        raise ModelError(
            "no encoder ships with the installed package: name one by --base, a folder or a hub id"
        )
    return folder


def reading_model(model: Path | str | None) -> ReadingModel | None:
    """The model of a folder or of a hub's checkpoint, loaded once a process; ``SHIPPED`` for the one that ships.

    Raises ModelError if it is missing, damaged or of another kind.
    """
    return None if model is None else _loaded(str(model))


def model_folder(model: Path | str) -> Path:
    """The folder that holds the files of a model; raises ModelError if there is none and none can be fetched."""
    if model == SHIPPED:
        return shipped_folder()
    return Path(model) if Path(model).exists() else _fetched(str(model))


@cache
def _loaded(model: str) -> ReadingModel:
    from policyextract.ner import load_model

    return load_model(model_folder(model))


def _fetched(name: str) -> Path:
    """The files of a checkpoint on the hub, from its cache or fetched; never code or pickles."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=["*.json", "*.onnx", "*.safetensors"]))
    except (HFValidationError, HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"there is no folder {name}, and no checkpoint of that name could be had from the hub "
            f"({type(error).__name__}); name the folder of a reading model, or give --no-model"
        ) from None
