"""Train the encoder's tokenizer on raw text, both languages in equal parts, and measure its fertility."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

from policyextract.training.text import LANGUAGES, read_shards
from policyextract.training.tokenizer import balanced, save, train

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Train, save and report."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--text", type=Path, default=ROOT.parent / "shared" / "data" / "text", help="shards")
    options.add_argument(
        "-o", "--out", type=Path, default=ROOT / "models" / "encoder", help="folder to write"
    )
    options.add_argument("--vocabulary", type=int, default=20_480, help="number of pieces")
    options.add_argument("--characters", type=int, default=80_000_000, help="of each language")
    options.add_argument("--report-only", action="store_true", help="measure the fertility of the one in OUT")
    options.add_argument(
        "--against", action="append", default=[], metavar="NAME=FILE",
        help="measure another tokenizer.json on the same text beside it",
    )  # fmt: skip
    given = options.parse_args()
    if not given.report_only:
        save(train(balanced(given.text, given.characters), given.vocabulary), given.out)
    files = {f"this one ({given.vocabulary:,} pieces)": given.out / "tokenizer.json"} | {
        name: Path(file) for name, file in (one.split("=", 1) for one in given.against)
    }
    measured = {name: fertility(given.text, file) for name, file in files.items()}
    print(json.dumps(measured, indent=1))
    (given.out / "fertility.json").write_text(json.dumps(measured, indent=1) + "\n", encoding="utf-8")


def fertility(text: Path, file: Path) -> dict[str, dict[str, float]]:
    """Pieces a word (between blanks) and characters a piece, by language, on the held-out documents."""
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    measured = {}
    held_out = [document for document in read_shards(text) if document.held_out]
    for language in LANGUAGES:
        texts = [document.text for document in held_out if document.language == language]
        words = sum(len(part.split()) for part in texts)
        pieces = sum(len(e.ids) for e in tokenizer.encode_batch(texts, add_special_tokens=False))
        measured[language] = {
            "words": words,
            "pieces_a_word": round(pieces / words, 3),
            "characters_a_piece": round(sum(map(len, texts)) / pieces, 3),
        }
    return measured


if __name__ == "__main__":
    main()
