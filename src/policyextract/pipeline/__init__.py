"""The stages run one after the other, over a document or a folder of them."""

from policyextract.pipeline.corpus import Run, extract_corpus
from policyextract.pipeline.document import document_of, extract
from policyextract.pipeline.outcomes import Outcome, Task, outcomes

__all__ = ["Outcome", "Run", "Task", "document_of", "extract", "extract_corpus", "outcomes"]
