"""HTML pages: the article without what stands around it, tables and lists as lines, title and date."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from policyextract.errors import DamagedFileError, EmptyFileError
from policyextract.read import read

PROSE = (
    "The provincial people's committee has approved a plan under which the digital economy is to account for "
    "20 percent of gross regional domestic product by 2025, the department of information said on Tuesday."
)


def page(tmp_path: Path, markup: str | bytes, name: str = "page.html") -> Path:
    path = tmp_path / name
    path.write_bytes(markup.encode() if isinstance(markup, str) else markup)
    return path


def lines(path: Path) -> list[str]:
    return [line for line in read(path).text.split("\n") if line]


def test_inline_marks_keep_their_blanks(tmp_path: Path) -> None:
    markup = (
        f"<html><body><p>{PROSE}</p><p>By <b>2025</b> all of <a href='/x'>Hai Phong</a> <i>city</i>'s\n  1,2"
        "<b>34</b>&nbsp;schools on 15 km<sup>2</sup> are <span>to</span> have<br>fibre<sup>3</sup>.</p></body></html>"
    )
    assert lines(page(tmp_path, markup)) == [
        PROSE,
        "By 2025 all of Hai Phong city's 1,234 schools on 15 km2 are to have",
        "fibre.",
    ]


@pytest.mark.parametrize("wrap", ["{}", "<div>{}</div>", "<html><body>{}</body></html>"])
def test_a_bare_page_is_read(tmp_path: Path, wrap: str) -> None:
    markup = wrap.format("<h2>Goals</h2><p>Growth of 8% in 2026.</p><p>Poverty below 2% in 2027.</p>")
    assert lines(page(tmp_path, markup)) == ["Goals", "Growth of 8% in 2026.", "Poverty below 2% in 2027."]


def test_tables_become_rows_with_one_header(tmp_path: Path) -> None:
    markup = f"""<p>{PROSE}</p><table border=1><caption>Table 1. Goals</caption>
    <tr><th rowspan=2>No.</th><th rowspan=2>Indicator</th><th colspan=2>Target</th></tr>
    <tr><th>2025</th><th>2030</th></tr>
    <tr><td colspan=4>I. Economy</td></tr>
    <tr><td>1</td><td>Digital
    economy, <b>share</b></td><td>20%</td><td>30%</td></tr>
    <tr><td>2</td><td>Homes</td><td></td><td>100%</td></tr></table><p>{PROSE} End.</p>"""
    assert lines(page(tmp_path, markup)) == [
        PROSE,
        "Table 1. Goals",
        "No. | Indicator | Target 2025 | Target 2030",
        "I. Economy | | |",
        "1 | Digital economy, share | 20% | 30%",
        "2 | Homes | | 100%",
        f"{PROSE} End.",
    ]


def test_what_the_page_hides_is_left_out(tmp_path: Path) -> None:
    markup = (
        f'<body><p>{PROSE}</p><p style="color: red; DISPLAY:none">55 percent</p><div hidden><p>66 percent</p></div>'
        f'<p style="visibility: hidden">77 percent</p>in 2030<p>{PROSE}</p></body>'
    )
    assert lines(page(tmp_path, markup)) == [PROSE, "in 2030", PROSE]
    assert lines(page(tmp_path, f'<body><div style="display:none"><p>{PROSE}</p></div></body>')) == [PROSE]


def test_lists_carry_their_markers(tmp_path: Path) -> None:
    markup = (
        f"<p>{PROSE}</p><ul><li>80% of homes</li><li><p>90% of schools</p></li></ul>"
        "<ol start=3><li>third clause</li></ol><ol type=a><li>first point</li><li>second point</li></ol>"
    )
    assert lines(page(tmp_path, markup))[1:] == [
        "• 80% of homes",
        "• 90% of schools",
        "3. third clause",
        "a) first point",
        "b) second point",
    ]


def test_an_old_page_laid_out_in_tables(tmp_path: Path) -> None:
    markup = f"""<body><table width=900><tr><td width=150><a href=/>Home</a><br><a href=/n>News</a></td>
    <td><font size=5>Province sets goals</font><br><br>{PROSE}<br><br>{PROSE.replace("20", "30")}
    <table border=1><tr><td>Indicator</td><td>2025</td></tr><tr><td>Homes with fibre</td><td>75%</td></tr></table>
    </td></tr></table></body>"""
    found = lines(page(tmp_path, markup))
    assert PROSE in found
    assert PROSE.replace("20", "30") in found
    assert "Indicator | 2025" in found
    assert "Homes with fibre | 75%" in found


def test_what_stands_around_an_article_is_left_out(tmp_path: Path) -> None:
    body = "".join(f"<p>{PROSE.replace('20', str(n))}</p>" for n in range(21, 27))
    markup = f"""<html><head><title>Goals set | The Paper</title></head><body>
    <div id=top-menu><ul><li><a href=/a>Politics</a></li><li><a href=/b>Economy</a></li></ul></div>
    <div class=content><h1>Goals set</h1>{body}</div>
    <div class="related-posts"><h3>More</h3><ul><li><a href=/c>Town wants 99 percent by 2040</a></li></ul></div>
    <div id="comments"><p>Reader: 77 percent would be nice, wouldn't it?</p></div>
    <footer>Copyright 2025</footer><script>var x = "55 percent";</script></body></html>"""
    text = read(page(tmp_path, markup)).text
    assert text.startswith("Goals set\n\nThe provincial")
    assert all(f"{n} percent" in text for n in range(21, 27))
    assert not any(
        word in text for word in ("99 percent", "77 percent", "55 percent", "Politics", "Copyright")
    )


@pytest.mark.parametrize(
    ("head", "date"),
    [
        ('<meta property="article:published_time" content="2025-07-14T09:15:00+07:00">', dt.date(2025, 7, 14)),
        ('<meta name="pubdate" content="2024/03/02">', dt.date(2024, 3, 2)),
        ('<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2023-05-06T01:02"}</script>',
         dt.date(2023, 5, 6)),
        ('<meta name="date" content="soon">', dt.date(2022, 12, 9)),
        ("", dt.date(2022, 12, 9)),
    ],
)  # fmt: skip
def test_date_and_title_from_metadata(tmp_path: Path, head: str, date: dt.date) -> None:
    markup = f"""<html><head>{head}<title>Goals set - The Paper</title></head><body>
    <h1>Goals set</h1><p>Hung Yen, December 9, 2022 – {PROSE}</p></body></html>"""
    document = read(page(tmp_path, markup))
    assert (document.title, document.date) == ("Goals set", date)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1258", "cp1252"])
def test_declared_and_undeclared_encodings(tmp_path: Path, encoding: str) -> None:
    text = (
        "Mục tiêu của tỉnh: tăng tỷ lệ hộ có mạng lên 80%."
        if encoding != "cp1252"
        else "Café goals: 80 % by 2030."
    )
    data = f'<html><head><meta charset="{encoding}"></head><body><p>{text}</p></body></html>'
    from test_read import as_1258

    encoded = as_1258(data) if encoding == "cp1258" else data.encode(encoding)
    assert lines(page(tmp_path, encoded)) == [text]


def test_pages_without_text(tmp_path: Path) -> None:
    with pytest.raises(EmptyFileError, match="script"):
        read(page(tmp_path, "<html><body><script>draw()</script><div id=app></div></body></html>"))
    with pytest.raises(DamagedFileError, match="no HTML"):
        read(page(tmp_path, "no markup at all"))
    with pytest.raises(DamagedFileError):
        read(page(tmp_path, b"<html>\x00\x01\x02</html>"))
