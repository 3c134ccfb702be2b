"""The title of a text: its first heading, or in an official document what follows the kind of act."""

from __future__ import annotations

import re

from policyextract.read.dateline_patterns import DATE

_KIND = re.compile(
    r"(?:JOINT |DRAFT )?(?:RESOLUTION|DECISION|PLAN|DIRECTIVE|DECREE|PROGRAMME|PROGRAM|ACTION PROGRAMME"
    r"|PROJECT|ACTION PLAN|REPORT|CIRCULAR|ORDER|ANNEX|APPENDIX|SCHEDULE|STRATEGY|NOTICE|CONCLUSION"
    r"|PRESS ?RELEASE|STATISTICAL FIRST RELEASE|FOR IMMEDIATE RELEASE|COMMENT"
    r"|OPINION|REGULATION|LAW|ACT|PROPOSAL"
    r"|NGHỊ QUYẾT|QUYẾT ĐỊNH|KẾ HOẠCH|CHỈ THỊ|CHƯƠNG TRÌNH|CHƯƠNG TRÌNH HÀNH ĐỘNG|ĐỀ ÁN|BÁO CÁO|THÔNG TƯ"
    r"|PHỤ LỤC|CHIẾN LƯỢC|THÔNG BÁO|KẾT LUẬN|THÔNG CÁO BÁO CHÍ|BÀI PHÁT BIỂU|TỜ TRÌNH|NGHỊ ĐỊNH|LUẬT"
    r"|CÔNG ĐIỆN|QUY HOẠCH)(?: (?:NO\.? ?)?(?:\d+|[IVX]+|[A-D]))?:?"
)
_ISSUER = re.compile(r"(?:CỦA|OF THE|BY THE) .{3,90}", re.IGNORECASE)
_BODY_NAME = re.compile(
    r"^(?:THE )?(?:[\w'’.,&-]+ ){0,30}(?:GOVERNMENT|COUNCIL|MINISTRY|MINISTER|AUTHORITY|REPUBLIC|KINGDOM|COMMITTEE"
    r"|DEPARTMENT|BOROUGH|DELEGATION|COMMISSION|PROVINCE)\b(?:[\w'’.,& -]*)$"
    r"|^(?:ỦY BAN|UBND|HỘI ĐỒNG|HĐND|TỈNH ỦY|THÀNH ỦY|HUYỆN ỦY|BỘ|SỞ|TỈNH|THÀNH PHỐ|HUYỆN|XÃ|CHÍNH PHỦ"
    r"|THỦ TƯỚNG|CỤC|BAN)\b(?! \w+:)"
)
_NOT_TITLE = re.compile(
    r"(?:No\.|Số\b|Ref\b|Home\b|Trang chủ|HomeEconomy|By\b|Theo\b|Source|Nguồn|Photo|Ảnh|Updated|Cập nhật"
    r"|Thứ\b|Chủ nhật|Pursuant|Having|Căn cứ|Xét|Independence|Độc lập|SOCIALIST REPUBLIC|CỘNG H[OÒ][ÀA] "
    r"|ĐẢNG CỘNG SẢN|Contact\b|Chia sẻ|Share\b|Font size|Cỡ chữ|Last (?:updated|refreshed))|[-–_*=#. ]+$"
)
_MENU = re.compile(r".*(?:»| > )|(?:(?! \| ).)*+ \| .* \| |(?:(?! / ).)*+ / .* / ")
_CLAUSE = re.compile(
    r"(?:(?:Điều|Article)\s+\d|(?i:Chương|Chapter|Part|Phần|Section|Mục)\b|[IVX\d]+[.)]|[-–•])"
)
_KIND_LINES, _HEAD_LINES, _LONGEST = 30, 8, 300


def find_title(text: str) -> str | None:
    """The title that the text opens with, or None if it opens with running prose.

    >>> find_title("HỘI ĐỒNG NHÂN DÂN\\nSố: 1/NQ\\n\\nNGHỊ QUYẾT\\nVề chuyển đổi số\\n\\nĐiều 1. ...")
    'Về chuyển đổi số'
    >>> find_title("# Plan for 2030\\n\\nBy 2030 ...")
    'Plan for 2030'
    """
    lines = [line.strip().lstrip("#").strip() for line in text[:6_000].lstrip().split("\n")]
    for index, line in enumerate(lines[:_KIND_LINES]):
        if _KIND.fullmatch(line):
            return _act_title(lines[index + 1 :]) or line
    headings = []
    for line in [line for line in lines if line][:_HEAD_LINES]:
        if _NOT_TITLE.match(line) or re.fullmatch(r"[\W\d]*", line):
            continue
        if not _is_heading(line):
            break
        weak = (line.isupper() and _BODY_NAME.match(line)) or _MENU.match(line) or _is_dated(line)
        if not weak and " " in line:
            return line
        headings.append(line)
    return headings[0] if headings else None


def _act_title(lines: list[str]) -> str | None:
    """The lines under the kind of act, up to a blank one; the issuer between them is left out."""
    while lines and (
        not lines[0] or lines[0][0] == "(" or _is_dated(lines[0]) or _ISSUER.fullmatch(lines[0])
    ):
        lines = lines[1:]
    title: list[str] = []
    for line in lines[:4]:
        if not line or line.startswith("(") or len(line) > _LONGEST or _starts_body(line, title):
            break
        title.append(line)
    return " ".join(title) or None


def _starts_body(line: str, title: list[str]) -> bool:
    """Whether ``line`` no longer belongs to the title: a new sentence, a clause, another kind of letters."""
    if _NOT_TITLE.match(line) or _CLAUSE.match(line):
        return True
    if not title:
        return False
    capitals = line.isupper() and title[-1].isupper()
    return len(" ".join(title)) > 40 and line[0].isupper() and not capitals


def _is_dated(line: str) -> bool:
    """Whether ``line`` is little more than a date."""
    found = DATE.search(line)
    return found is not None and len(line) - len(found[0]) < 45


def _is_heading(line: str) -> bool:
    return (len(line) <= 200 and not line.endswith((".", ";", ",", ":"))) or line.endswith(("...", "?"))
