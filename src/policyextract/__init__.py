"""Quantified targets (metric, value, level, year, locality) out of policy texts, English and Vietnamese.

>>> from policyextract import extract
>>> [target] = extract("By 2030, at least 80% of households in Vietnam will have a fibre connection.")
>>> target.value, target.number, target.unit, target.comparator, target.year, target.locality
('at least 80%', 80.0, 'percent', '>=', 2030, 'Vietnam')
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# These two functions share their name with a module, and importing a module binds its name here: they are
# bound once and for all; all other names come when they are asked for.
from policyextract.evaluate import evaluate
from policyextract.read import read
from policyextract.types import Document, Evidence, Failure, Target

if TYPE_CHECKING:
    from policyextract.dataset import load, save
    from policyextract.pipeline import Run, extract, extract_corpus

__all__ = [
    "Document",
    "Evidence",
    "Failure",
    "Run",
    "Target",
    "__version__",
    "evaluate",
    "extract",
    "extract_corpus",
    "load",
    "read",
    "save",
]

_HOME = {
    "Run": "pipeline",
    "extract": "pipeline",
    "extract_corpus": "pipeline",
    "load": "dataset",
    "save": "dataset",
}
__version__: str


def __getattr__(name: str) -> Any:
    """A public name, its module imported at the first use."""
    if name == "__version__":
        from importlib.metadata import version

        return version("policyextract")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
