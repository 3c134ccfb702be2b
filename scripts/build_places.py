"""Writes the shipped place tables from their sources; run by hand when a source changes.

Usage: python scripts/build_places.py SHARED_PLACES CLDR_SUBDIVISIONS

SHARED_PLACES is the folder with the two tables of Vietnamese units; CLDR_SUBDIVISIONS is the file
``subdivisions/en/en.json`` of the npm package cldr-subdivisions-full. Country names come from babel
(CLDR), which is needed here and not at run time.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path

OUT = Path(__file__).parents[1] / "src/policyextract/data/places"
KINDS = {
    "tỉnh": "T",
    "thành phố": "TP",
    "quận": "Q",
    "huyện": "H",
    "thị xã": "TX",
    "xã": "X",
    "phường": "P",
    "thị trấn": "TT",
    "đặc khu": "DK",
}
EARLIER = [("474", "TP", "Huế", "46")]
"""Districts dissolved shortly before the older table was taken that texts often name."""


def write(name: str, head: list[str], rows: Iterable[Iterable[str]]) -> None:
    """Write one table as CSV with ``\\n`` line ends."""
    with (OUT / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)


def units(path: Path, era: str) -> Iterable[list[str]]:
    """Rows (era, code, kind, name, parent) of one table of Vietnamese units."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            full, name = row["full_name"], row["name"]
            # "Phường Phường 1" style: the kind is what stands before the name.
            word = next(k for k in sorted(KINDS, key=len, reverse=True) if full.lower().startswith(k + " "))
            yield [era, row["code"], KINDS[word], name, row["parent_code"]]


def vietnam(folder: Path) -> None:
    """Write vn_units.csv: units of one code and one name in both tables get the era "both"."""
    rows: dict[tuple[str, ...], str] = {}
    for name, era in (("vn_units_until_2025-06.csv", "old"), ("vn_units_from_2025-07.csv", "new")):
        for row in units(folder / name, era):
            key = tuple(row[1:])
            rows[key] = "both" if rows.get(key, era) != era else era
    for key in EARLIER:
        rows[key] = "old"
    write(
        "vn_units.csv", ["era", "code", "kind", "name", "parent"], ([era, *key] for key, era in rows.items())
    )


def countries() -> None:
    """Write countries.csv: ISO 3166-1 alpha-2 with the English and Vietnamese names of CLDR."""
    from babel import Locale

    english, vietnamese = (
        {str(code): str(name) for code, name in Locale(lang).territories.items()} for lang in ("en", "vi")
    )
    skip = {"XA", "XB", "ZZ", "EZ", "UN", "QO"}
    codes = sorted(c for c in english if re.fullmatch(r"[A-Z]{2}", c) and c in vietnamese and c not in skip)
    write(
        "countries.csv",
        ["code", "en", "vi"],
        ([c, plain(english[c]), plain(vietnamese[c])] for c in codes),
    )


def plain(name: str) -> str:
    """The name without a bracketed second name.

    >>> plain("Myanmar (Burma)")
    'Myanmar'
    """
    return re.sub(r"\s*\(.*\)", "", name)


def subdivisions(path: Path) -> None:
    """Write subdivisions.csv: ISO 3166-2 with the English name of CLDR."""
    names = json.loads(path.read_text(encoding="utf-8"))
    while not all(isinstance(value, str) for value in names.values()):
        names = names[next(key for key in names if key not in {"identity", "version"})]
    rows = ([f"{c[:2].upper()}-{c[2:].upper()}", plain(n.strip(" †"))] for c, n in sorted(names.items()))
    write("subdivisions.csv", ["code", "en"], (row for row in rows if is_current(*row)))


def is_current(code: str, name: str) -> bool:
    """Whether CLDR's name is that of the code today: Morocco's codes were given anew, Nepal's numbered
    provinces have names now, and Vietnam has its own table."""
    return code[:2] not in {"VN", "MA"} and not any(c.isdigit() for c in name)


def main() -> None:
    """Write all tables."""
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    OUT.mkdir(parents=True, exist_ok=True)
    vietnam(Path(sys.argv[1]))
    countries()
    subdivisions(Path(sys.argv[2]))


if __name__ == "__main__":
    main()
