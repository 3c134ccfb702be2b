"""Compare the extraction with the floors of ``corpus/baseline.json``; exit 1 where one is missed.

    python scripts/eval_gate.py [--update | --lower]

Runs over the train and dev parts of the corpus and, where ``../shared/corpus/seed`` stands beside the repository,
over the seed articles. A floor rises with ``--update`` and falls only with ``--lower``.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path

from policyextract.evaluate import evaluate, load_gold
from policyextract.pipeline import SHIPPED, extract
from policyextract.read import read

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / "corpus" / "baseline.json"
SEEDS = ROOT.parent / "shared" / "corpus" / "seed"
TOLERANCE = 0.002
MEASURES = ("found", "core", "strict")


def fingerprint(folder: Path) -> str:
    """SHA-256 over every document and gold file of the corpus, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".txt", ".json") and path.name != BASELINE.name:
            digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def measure(
    folder: Path, split: Path | None, part: str | None, lang: str | None, *, model: str | None = SHIPPED
) -> dict[str, float]:
    """F1 of each measure over one part of a corpus."""
    gold = load_gold(folder, split=split, part=part, lang=lang)  # type: ignore[arg-type]
    found = [t for name in gold for t in extract(read(folder / name, name=name), model=model)]
    tally = evaluate(found, gold).total
    return {name: round(getattr(tally, name).f1, 4) for name in MEASURES}


def measure_all() -> dict[str, dict[str, float]]:
    """Every part and language, and the seeds where they stand."""
    corpus, split = ROOT / "corpus", ROOT / "corpus" / "split.json"
    scores = {
        f"{part}/{lang}": measure(corpus, split, part, lang)
        for part in ("train", "dev")
        for lang in ("en", "vi")
    }
    for lang in ("en", "vi"):
        scores[f"dev/{lang}, patterns alone"] = measure(corpus, split, "dev", lang, model=None)
    if SEEDS.is_dir():
        scores["seed/en"] = measure(SEEDS, None, None, None)
    return scores


def below(scores: dict[str, dict[str, float]], floors: dict[str, dict[str, float]]) -> list[str]:
    """One line for each measure under its floor."""
    return [
        f"{part} {name}: {value:.4f} is under its floor of {floors[part][name]:.4f}"
        for part, row in scores.items()
        for name, value in row.items()
        if part in floors and value < floors[part][name] - TOLERANCE
    ]


def main() -> int:
    """Run the gate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="raise the floors to what is measured")
    parser.add_argument(
        "--lower", action="store_true", help="set the floors to what is measured, also downwards"
    )
    options = parser.parse_args()
    scores = measure_all()
    print(json.dumps(scores, indent=1))
    stored = json.loads(BASELINE.read_text(encoding="utf-8")) if BASELINE.exists() else {"floors": {}}
    floors = stored["floors"]
    if options.update or options.lower:
        kept = {
            p: {n: v if options.lower else max(v, floors.get(p, {}).get(n, 0.0)) for n, v in r.items()}
            for p, r in scores.items()
        }
        content = {"fingerprint": fingerprint(ROOT / "corpus"), "floors": {**floors, **kept}}
        BASELINE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        return 0
    problems = below(scores, floors)
    if stored.get("fingerprint") != fingerprint(ROOT / "corpus"):
        problems.append("corpus/ has changed since the floors were set; check them and run with --update")
    print("\n".join(problems) or "gate: every floor is kept", file=sys.stderr)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
