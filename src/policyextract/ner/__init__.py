"""Documents and candidate values → what the reading model says of them."""

from policyextract.ner.model import WEIGHTS, ReadingModel
from policyextract.ner.model import load as load_model
from policyextract.ner.windows import MARK, Pieces, Window, windows

__all__ = ["MARK", "WEIGHTS", "Pieces", "ReadingModel", "Window", "load_model", "windows"]
