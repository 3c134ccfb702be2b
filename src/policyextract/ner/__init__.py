"""Documents and candidate values → what the reading model says of them."""

from policyextract.ner.views import LABELS, MARKS, Pieces, View, view

__all__ = ["LABELS", "MARKS", "Pieces", "View", "view"]
