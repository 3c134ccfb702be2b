"""Targets ↔ files: alone knows the formats of results."""

from policyextract.dataset.columns import FAILURES, TARGETS, Column
from policyextract.dataset.ids import identify, target_id
from policyextract.dataset.load import frame, iterate, load
from policyextract.dataset.write import Writer, save

__all__ = [
    "FAILURES",
    "TARGETS",
    "Column",
    "Writer",
    "frame",
    "identify",
    "iterate",
    "load",
    "save",
    "target_id",
]
