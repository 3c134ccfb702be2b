"""Files → documents: text, Markdown, HTML, PDF, Word and JSON Lines."""

from policyextract.read.files import find_files, find_remote
from policyextract.read.ocr import DOUBTFUL, Ocr, find_ocr
from policyextract.read.reader import read, read_all, written_name
from policyextract.read.remote import Copies, Source

__all__ = [
    "DOUBTFUL",
    "Copies",
    "Ocr",
    "Source",
    "find_files",
    "find_ocr",
    "find_remote",
    "read",
    "read_all",
    "written_name",
]
