"""Reviews of a dataset: decisions as events that are only ever added, and what follows from them."""

from policyextract.review.attach import Attached, Unattached, attach
from policyextract.review.board import Row
from policyextract.review.desk import Desk, Progress, Trial
from policyextract.review.drafts import Entry
from policyextract.review.events import DECISIONS, Decision, Event, Quote, edited, quote_of
from policyextract.review.fields import EDITABLE, GUIDELINE, checked
from policyextract.review.state import STATUSES, State, Status, Verdict, state_of, states
from policyextract.review.store import Store

__all__ = [
    "DECISIONS",
    "EDITABLE",
    "GUIDELINE",
    "STATUSES",
    "Attached",
    "Decision",
    "Desk",
    "Entry",
    "Event",
    "Progress",
    "Quote",
    "Row",
    "State",
    "Status",
    "Store",
    "Trial",
    "Unattached",
    "Verdict",
    "attach",
    "checked",
    "edited",
    "quote_of",
    "state_of",
    "states",
]
