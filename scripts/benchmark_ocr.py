"""How many targets of a text are found again in a scan of it, by language and by grade of the scan.

    python scripts/benchmark_ocr.py --documents 20 --seed 1 --workers 2

Takes documents of the corpus by lot, prints them to pages as an office would, makes pictures of the pages (clean; laid
askew and turned by quarters; copied with grain, specks and a dark edge) and reads these by ``extract_corpus`` with OCR.
A target of the text is found again if one of the scan has the same value, level, year and locality and a metric that
the evaluation takes as the same. Prints a table for docs/ocr.md; ``--keep`` names a folder for the scans and texts, and
with ``--bar`` it ends with status 1 if less than that share is found in any row of the table.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from policyextract.dataset.documents import Documents
from policyextract.evaluate.matching import match
from policyextract.pipeline import SHIPPED, extract_corpus
from policyextract.read import find_ocr
from policyextract.types import Lang, Target

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the pages and scans are those of the tests

import formats  # noqa: E402
import scans  # noqa: E402

LANGS: tuple[Lang, ...] = ("en", "vi")
ByDocument = dict[str, list[Target]]


@dataclass(frozen=True, slots=True)
class Found:
    """Counts of the targets of texts, those found again, those whose number is, and rows only the scans have."""

    wanted: int = 0
    found: int = 0
    values: int = 0
    more: int = 0

    def __add__(self, other: Found) -> Found:
        return Found(
            self.wanted + other.wanted,
            self.found + other.found,
            self.values + other.values,
            self.more + other.more,
        )

    @property
    def share(self) -> float:
        """The part that is found again."""
        return self.found / self.wanted if self.wanted else 1.0


def main() -> None:
    """Run the benchmark and print the table."""
    options = _options()
    ocr = find_ocr()
    if ocr.missing is not None:
        raise SystemExit(ocr.missing)
    model = None if options.no_model else SHIPPED
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) if options.keep is None else options.keep
        _write(folder, options.documents, options.seed)
        texts, _ = _targets(folder / "text", folder / "text-dataset", options.workers, model)
        print(
            f"{ocr.version.split(' vie')[0]}; {sum(map(len, texts.values()))} targets of {len(texts)} texts"
        )
        print(
            "| language | scans | documents | pages | confidence | targets of the text | found again | number alone | rows more |"
        )
        print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        worst, seconds, pages = 1.0, 0.0, 0
        for grade in scans.GRADES:
            out = folder / f"{grade}-dataset"
            found, took = _targets(folder / grade, out, options.workers, model, ocr=ocr)
            seconds += took
            with Documents(out) as documents:
                sure = {doc: documents[doc].ocr for doc in documents}
            for lang in LANGS:
                score = sum(
                    (_score(texts[d], found.get(d, []), lang) for d in texts if d[:2] == lang), Found()
                )
                of_pages = [c or 0.0 for doc, all_ in sure.items() if doc[:2] == lang for c in all_]
                worst, pages = min(worst, score.share), pages + len(of_pages)
                mean = sum(of_pages) / max(len(of_pages), 1)
                print(
                    f"| {lang} | {grade} | {options.documents} | {len(of_pages)} | {mean:.3f} | {score.wanted} | {score.share:.3f} "
                    f"| {score.values / max(score.wanted, 1):.3f} | {score.more} |",
                    flush=True,
                )
        print(
            f"{seconds / max(pages, 1):.1f} seconds a page with {options.workers} workers, extraction included"
        )
    if worst < options.bar:
        raise SystemExit(1)


def _options() -> Any:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=20, help="documents a language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--no-model", action="store_true", help="patterns alone")
    parser.add_argument("--keep", type=Path, help="folder for scans and datasets")
    parser.add_argument("--bar", type=float, default=0.0, help="least share found again")
    return parser.parse_args()


def _write(folder: Path, count: int, seed: int) -> None:
    """Texts drawn by lot, and their scans in each grade, as ``<grade>/<language>/<name>``."""
    for lang in LANGS:
        paths = sorted((ROOT / "corpus" / lang).glob("*.txt"))
        for path in random.Random(f"{seed} {lang}").sample(paths, count):
            text = path.read_text(encoding="utf-8")
            for name in ("text", *scans.GRADES):
                (folder / name / lang).mkdir(parents=True, exist_ok=True)
            (folder / "text" / lang / path.name).write_text(text, encoding="utf-8")
            printed = folder / f"{path.stem}.pdf"
            formats.as_pdf(text, printed)
            for grade in scans.GRADES:
                scans.scan(printed, folder / grade / lang / f"{path.stem}.pdf", grade=grade, seed=seed)
            printed.unlink()


def _targets(
    folder: Path, out: Path, workers: int, model: str | None, **more: Any
) -> tuple[ByDocument, float]:
    """The targets of each document of a folder, by its path without the ending, and the seconds it took."""
    began = time.monotonic()
    run = extract_corpus(folder, out, workers=workers, model=model, **more)
    seconds = time.monotonic() - began
    for failure in run.failures:
        print(f"{folder.name}/{failure.path}: {failure.reason}", file=sys.stderr)
    found: ByDocument = {
        p.relative_to(folder).with_suffix("").as_posix(): [] for p in sorted(folder.rglob("*.*"))
    }
    for target in run.load():
        found[str(Path(target.doc).with_suffix(""))].append(target)
    return found, seconds


def _score(text: list[Target], scan: list[Target], lang: Lang) -> Found:
    """How the targets of a scan go with those of its text; offsets differ, so rows go together by their numbers."""
    matching = match(map(_anywhere, scan), map(_anywhere, text), lang)
    wanted = [target for target in text if not target.optional]
    found = sum(pair.verdict.strict for pair in matching.pairs)
    return Found(len(wanted), found, len(matching.pairs), len(matching.alarms))


def _anywhere(target: Target) -> Target:
    return replace(target, start=0, end=0)


if __name__ == "__main__":
    main()
