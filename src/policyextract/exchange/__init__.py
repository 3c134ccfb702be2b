"""Rows ↔ the files of other annotation tools: Label Studio's tasks, spaCy's DocBin."""

from policyextract.exchange.answers import Answer, Imported, record
from policyextract.exchange.files import FORMATS, Format, export_tasks, import_tasks
from policyextract.exchange.label_studio import labelling_config

__all__ = [
    "FORMATS",
    "Answer",
    "Format",
    "Imported",
    "export_tasks",
    "import_tasks",
    "labelling_config",
    "record",
]
