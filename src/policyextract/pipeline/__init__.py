"""The stages run one after the other, over a document or a folder of them."""

from policyextract.pipeline.corpus import Run, extract_corpus
from policyextract.pipeline.crew import Limits
from policyextract.pipeline.document import document_of, extract
from policyextract.pipeline.model import SHIPPED, encoder_folder, reading_model, shipped_folder
from policyextract.pipeline.outcomes import outcomes
from policyextract.pipeline.work import Outcome, Task

__all__ = [
    "SHIPPED",
    "Limits",
    "Outcome",
    "Run",
    "Task",
    "document_of",
    "encoder_folder",
    "extract",
    "extract_corpus",
    "outcomes",
    "reading_model",
    "shipped_folder",
]
