"""Targets ↔ files: alone knows the formats of results."""

from policyextract.dataset.columns import DOCUMENTS, FAILURES, TARGETS, Column
from policyextract.dataset.documents import Documents, text_sha256
from policyextract.dataset.ids import identify, target_id
from policyextract.dataset.load import frame, iterate, load
from policyextract.dataset.remote import load_remote, staged
from policyextract.dataset.rows import from_row, to_row
from policyextract.dataset.staging import open_current
from policyextract.dataset.write import Writer, save

__all__ = [
    "DOCUMENTS",
    "FAILURES",
    "TARGETS",
    "Column",
    "Documents",
    "Writer",
    "frame",
    "from_row",
    "identify",
    "iterate",
    "load",
    "load_remote",
    "open_current",
    "save",
    "staged",
    "target_id",
    "text_sha256",
    "to_row",
]
