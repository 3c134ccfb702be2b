"""The page in the browser on which a dataset is reviewed: a server on this machine only."""

from policyextract.review.page.app import Page, make_app
from policyextract.review.page.security import Gate, Session
from policyextract.review.page.server import serve

__all__ = ["Gate", "Page", "Session", "make_app", "serve"]
