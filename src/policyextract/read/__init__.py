"""Files → documents: text, Markdown, HTML, PDF, Word and JSON Lines."""

from policyextract.read.files import find_files
from policyextract.read.reader import read, read_all, written_name

__all__ = ["find_files", "read", "read_all", "written_name"]
