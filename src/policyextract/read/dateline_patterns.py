"""The patterns and cue words by which ``dateline`` tells a date of publication from other dates."""

from __future__ import annotations

import re

MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
WEEKDAYS = (
    ("monday", "thứ hai", "thứ 2"),
    ("tuesday", "thứ ba", "thứ 3"),
    ("wednesday", "thứ tư", "thứ 4"),
    ("thursday", "thứ năm", "thứ 5"),
    ("friday", "thứ sáu", "thứ 6"),
    ("saturday", "thứ bảy", "thứ 7"),
    ("sunday", "chủ nhật"),
)
BESIDE = 400  # characters before and after a date that may say what it is; a line may hold thousands of dates
HEAD_LINES, ANNEX_LINES, FOOT_LINES = 25, 12, 10

_MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
DATE = re.compile(
    rf"(?P<m1>{_MONTH})\s*(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?:\s*,)?\s+(?P<y1>\d{{4}})\b"
    rf"|(?<![\d/])(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]+(?P<m2>{_MONTH}),?[\s-]+(?P<y2>\d{{4}})\b"
    r"|(?:ng[àa]y\s*)?(?<!\d)(?P<d3>\d{1,2})\s*th[áa]ng\s*(?P<m3>\d{1,2})\s*(?:n[ăa]m|,|/)\s*(?P<y3>\d{4})\b"
    r"|(?<![\d/.\-])(?P<d4>\d{1,2})\s?(?P<s4>[/.\-])\s?(?P<m4>\d{1,2})\s?(?P=s4)\s?(?P<y4>\d{4})(?![\d/])"
    r"|(?<![\d/.\-])(?P<y5>\d{4})(?P<s5>[/.\-])(?P<m5>\d{1,2})(?P=s5)(?P<d5>\d{1,2})(?![\d/])",
    re.IGNORECASE,
)
YEAR = re.compile(r"\d{4}")  # each date has one; a line without is not searched for the rest
MONTH_ONLY = re.compile(
    rf"(?<!\d )(?<!\d)(?P<m1>{_MONTH}),?\s+(?P<y1>\d{{4}})\)?$"
    r"|(?<!\d )th[áa]ng\s*(?P<m2>\d{1,2})\s*(?:/|n[ăa]m|-)\s*(?P<y2>\d{4})\)?$",
    re.IGNORECASE,
)
MONTH_YEAR = re.compile(
    rf"(?<!\d )(?<!\d)(?P<m1>{_MONTH}),?\s+(?P<y1>(?:19|20)\d{{2}})\b"
    r"|(?<!\d )(?<!/)\bth[áa]ng\s*(?P<m2>\d{1,2})\s*(?:/|n[ăa]m|-)\s*(?P<y2>(?:19|20)\d{2})\b",
    re.IGNORECASE,
)
YEAR_START = re.compile(r"\b(?:đầu năm|dịp đầu năm)\s+(20\d{2})\b", re.IGNORECASE)
LEAD = 1_500  # characters of the opening in which a date is that of the text, if nothing better tells
ITEM = re.compile(r"(?:[-–•*+]|\(?(?:\d{1,2}(?:\.\d+)*|[a-zđ]|[ivxIVX]+)[.)])\s")

# A line that cites other acts, or a clause of the act itself.
CITING_LINE = re.compile(
    r"(?:[-–•*]\s*|\(?\d+[.)]\s*)?(?:Pursuant|Having|Whereas|Recalling|Noting|Considering|Read\b"
    r"|In (?:the )?implement|Implementing|At the (?:proposal|request)|In accordance|Based on|On the basis"
    r"|Căn cứ|Can cu|Xét|Theo (?!dõi)|Thực hiện|Thi hành|Trên cơ sở|Triển khai thực hiện"
    r"|Article|Section|Điều|Note:)",
    re.IGNORECASE,
)
# Text before a date that makes it the date of an act.
ACT = re.compile(
    r"\b(?:Law|Act|Decree|Decision|Resolution|Circular|Directive|Report|Letter|Plan|Order|Regulation"
    r"|Programme|Notice|Luật|Nghị định|Quyết định|Nghị quyết|Thông tư|Chỉ thị|Báo cáo|Tờ trình|Công văn"
    r"|Kế hoạch|Chương trình)\b"
    r"(?:(?:\s{1,9}(?:No\.?|số|(?=\S*\d)\S++)(?:[^;,]|,(?=\d)){0,60})?(?:\s{0,9},)?"
    r"\s{0,9}(?:of|dated|on|ngày)\s+(?:ngày\s*)?|\s+ngày\s*)$"
    r"|\b(?:Law|Act|Luật)\b[^.;,]{0,60}$"
    r"|\bNo\.[^.;,]{0,60}$|\bsố(?:\s*:)?\s*\d[^.;,]{0,60}$"
)
# Text before a date that makes it a deadline, a limit of a period or the like.
NOT_THEN = re.compile(
    r"\b(?:by|before|until|till|to|up to|from|since|after|as of|as at|than|between|and|effect on|deadline:?"
    r"|end of|due|trước|đến|tới|từ|sau|kể từ|tính đến|hết|hạn|cuối|so với|next publication:?"
    r"|call-in:? \w+,?)(?:\s*(?:hết )?ngày)?\s*$"
    # the end of a period: "(July 2024 - June 2029)"
    rf"|\b(?:{_MONTH}|th[áa]ng \d{{1,2}}),?[\s/]+\d{{4}}\s*[-–—]\s*$",
    re.IGNORECASE,
)
SUBORDINATE = re.compile(r"\b(?:When|By the time|Since|After|Before|Khi|Sau khi|Kể từ khi|Trước khi)\b")
# Text before a date that makes it the stamp of a page.
STAMP = re.compile(
    r"(?:updated?|published|posted|release(?:d| date)|refreshed|modified|dated?|status|issue of|delivered"
    r"|done|signed|cập nhật(?: lúc)?|ngày đăng|đăng lúc|xuất bản|(?:^|[,(|–—-])\s*(?:ngày|on)"
    r"|thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)\.?|[ap]m|gmt(?:\s*[+-]\d*|\s*\d+)?)[\s:.]*$",
    re.IGNORECASE,
)
# Text before a date that makes it the day of what is reported.
EVENT = re.compile(
    r"(?:^|\b(?:on|this|today|and|và|ngày|hôm|sáng|chiều|tối|trưa|nay|(?:morning|afternoon|evening) of)"
    r"|[\-–—(,:])\s*$",
    re.IGNORECASE,
)
CLOCK = re.compile(r"\d{1,2}[:h]\d{2}(?::\d{2})?(?:\s*[ap]m)?", re.IGNORECASE)
CLOSING = re.compile(
    r"^\W*(?:Done|Given|Adopted|Signed|Published|Posted|Updated|Làm tại|Ngày đăng|Cập nhật|Ngày cập nhật"
    r"|Đăng ngày)\b"
    r"|\b(?:thông qua|adopted|passed)(?: by [\w' ]{1,80})?(?: on)?(?: ngày)?\s+(?=\d|[A-Z][a-z]+ \d)",
    re.IGNORECASE,
)
