"""Places named in a text: found, told apart, and the one a document speaks for."""

from policyextract.places.evidence import is_dateline
from policyextract.places.find import find
from policyextract.places.home import home, nation
from policyextract.places.model import Place, PlaceMention
from policyextract.places.resolve import resolve
from policyextract.places.seats import seat_of
from policyextract.places.unknown import is_plain_word, standing

__all__ = [
    "Place",
    "PlaceMention",
    "find",
    "home",
    "is_dateline",
    "is_plain_word",
    "nation",
    "resolve",
    "seat_of",
    "standing",
]
