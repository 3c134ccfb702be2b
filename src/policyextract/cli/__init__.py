"""The commands: options in, one library call, text out. Heavy packages are imported inside them."""

# Each import adds its commands to the app, in the order in which --help lists them.
from policyextract.cli.app import SOME_FAILED, USAGE, app, main

from policyextract.cli import extracting, showing, review, review_page, review_sheet  # isort: skip
from policyextract.cli import finishing, scoring, training, exchanging  # isort: skip

__all__ = [
    "SOME_FAILED",
    "USAGE",
    "app",
    "exchanging",
    "extracting",
    "finishing",
    "main",
    "review",
    "review_page",
    "review_sheet",
    "scoring",
    "showing",
    "training",
]
