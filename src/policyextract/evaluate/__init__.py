"""Predicted targets × gold targets → matched pairs → scores and the sheet of errors."""

from policyextract.evaluate.counts import Counts, Tally
from policyextract.evaluate.fields import FIELDS
from policyextract.evaluate.gold import Gold, load_gold
from policyextract.evaluate.matching import Matching, Pair, match
from policyextract.evaluate.mistakes import Mistake
from policyextract.evaluate.report import report
from policyextract.evaluate.score import DocumentScores, Scores, evaluate

__all__ = [
    "FIELDS",
    "Counts",
    "DocumentScores",
    "Gold",
    "Matching",
    "Mistake",
    "Pair",
    "Scores",
    "Tally",
    "evaluate",
    "load_gold",
    "match",
    "report",
]
