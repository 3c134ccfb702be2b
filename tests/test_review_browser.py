"""The review page in a real browser, by keyboard and mouse.

With REVIEW_SCREENSHOTS=docs/images in the environment the pictures of docs/review-page.md are made anew.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from reviewing import FIRST, SECOND

from policyextract import dataset
from policyextract.pipeline import document_of, extract
from policyextract.review import Desk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
try:
    from playwright.sync_api import Browser, Page, expect, sync_playwright
except ImportError:
    pytest.skip("playwright is not installed", allow_module_level=True)
if CHROMIUM is None:
    pytest.skip("no chromium on this machine", allow_module_level=True)

ROOT = Path(__file__).parents[1]
expect.set_options(timeout=30_000)  # on a busy machine; what is there at once takes none of it
SHOTS = os.environ.get("REVIEW_SCREENSHOTS")  # docs/images, to take the pictures there anew
TEXT = (
    FIRST
    + "\n<script>document.title = 'run'</script> By 2030, 45 per cent of firms will sell online.\n"
    + "</textarea><img src=x onerror=\"document.title='run'\"> 🌾 Rice exports shall double by 2030.\n"
)
_SERVE = """
import sys
from policyextract.review import Desk
from policyextract.review.page import serve
with Desk.open(sys.argv[1]) as desk:
    serve(desk, adjudicator=True, name="plans", say=lambda text: print(text, flush=True))
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("browser") / "out"
    documents = [document_of(TEXT, "a.txt"), document_of(SECOND, "b.txt")]
    rows = [row for one in documents for row in extract(one, model=None)]
    dataset.save(rows, [], out, run={}, documents=documents)
    return out


@pytest.fixture
def out(extracted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(extracted, tmp_path / "out"))


@contextmanager
def served(out: Path) -> Iterator[Callable[[], str]]:
    """A server of a dataset; what is given gives links."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    call = [sys.executable, "-c", _SERVE, str(out)]
    with subprocess.Popen(call, stdout=subprocess.PIPE, env=env, encoding="utf-8") as process:
        assert process.stdout is not None
        link = process.stdout.readline().split()[-1]
        try:
            yield lambda: link
        finally:
            process.kill()


Open = Callable[..., Page]


@pytest.fixture
def visit(chromium: Browser, out: Path) -> Iterator[Open]:
    """Opens the page as a reviewer; fails if a script broke, or one that is not of the page wanted to run."""
    troubles: list[str] = []
    contexts = []

    def opened(
        reviewer: str = "An",
        *,
        adjudicates: bool = False,
        width: int = 1360,
        height: int = 860,
        **other: object,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **other
        )
        contexts.append((context, stack.enter_context(served(out))))
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda said: troubles.append(said.text) if "Content Security" in said.text else None
        )
        page.goto(contexts[-1][1]())
        page.get_by_label("Your name").fill(reviewer)
        page.get_by_label("I settle conflicts").set_checked(adjudicates)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Documents")).to_be_visible()
        return page

    with ExitStack() as stack:
        yield opened
        for context, _ in contexts:
            context.close()
    # The styles are playwright's own, for its pictures; the address is asked for by a test.
    assert [one for one in troubles if "inline style" not in one and "example.org" not in one] == []


def ready(page: Page) -> None:
    page.wait_for_selector("html[data-ready]")


def begin(page: Page) -> None:
    """Go to the first row to decide."""
    ready(page)
    page.keyboard.press("n")
    page.wait_for_selector("#cards")
    ready(page)


def go(page: Page, path: str) -> None:
    page.goto(re.sub(r"^(\w+://[^/]+).*", r"\1", page.url) + path)
    ready(page)


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.mouse.move(0, 0)
        page.screenshot(path=ROOT / SHOTS / f"review-{name}.png")


def current(page: Page) -> str:
    return page.locator("#cards > .row[aria-current]").get_attribute("data-name") or ""


def status(page: Page, name: str, wanted: str) -> None:
    expect(page.locator(f"#row-{name}")).to_have_attribute("data-status", wanted)


def focused(page: Page) -> str:
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


def test_a_whole_document_by_keyboard_alone(visit: Open, out: Path):
    page = visit()
    begin(page)
    names = [one.get_attribute("data-name") or "" for one in page.locator("#cards > .row").all()]
    assert len(names) >= 4
    seen = []
    for n in range(len(names)):
        name = current(page)
        seen.append(name)
        assert focused(page) == f"row-{name}"
        page.keyboard.press("r" if n == 1 else "a")
        status(page, name, "rejected" if n == 1 else "accepted")
        assert current(page) == name and focused(page) == f"row-{name}"  # the answer took nothing away
        if n < len(names) - 1:
            page.keyboard.press("n")
    assert seen == names
    expect(page.locator("#said")).to_have_text(f"Row {len(names)} accepted.")
    page.keyboard.press("n")
    page.wait_for_url("**doc=b.txt**")
    page.keyboard.press("k")
    page.wait_for_url(f"**row={names[-1]}**")
    page.keyboard.press("k")
    assert current(page) == names[-2]
    page.keyboard.press("ArrowDown")
    assert current(page) == names[-1]
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Taken back")
    status(page, names[-1], "undecided")
    with Desk.open(out) as desk:
        assert [desk.row(name).state.status for name in names] == ["accepted", "rejected"] + ["accepted"] * (
            len(names) - 3
        ) + ["undecided"]


def test_it_goes_on_by_itself_if_wanted(visit: Open):
    page = visit()
    begin(page)
    page.keyboard.press("g")
    first = current(page)
    page.keyboard.press("a")
    status(page, first, "accepted")
    page.wait_for_function(f"document.querySelector('#cards > [aria-current]').dataset.name != '{first}'")
    assert focused(page) == f"row-{current(page)}"


def test_an_edit_is_refused_beside_its_field_and_then_saved(visit: Open, out: Path):
    page = visit()
    begin(page)
    name = current(page)
    page.keyboard.press("e")
    form = page.locator("form.edit")
    expect(form.get_by_label("Value, as it stands")).to_be_focused()
    form.get_by_label("Year", exact=True).fill("soon")
    form.get_by_label("Metric").fill("records processed\nonline")
    form.get_by_label("Note").fill("as the plan says")
    page.keyboard.press("Control+Enter")
    year = form.get_by_label("Year", exact=True)
    expect(year).to_have_attribute("aria-invalid", "true")
    expect(year).to_be_focused()
    described = year.get_attribute("aria-describedby")
    expect(page.locator(f"#{described}")).to_contain_text("must be a whole number")
    expect(form.get_by_label("Metric")).to_have_value("records processed\nonline")
    year.fill("2031")
    form.get_by_label("Level", exact=True).select_option("district")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"#row-{name} .chip.year")).to_contain_text("2031")
    with Desk.open(out) as desk:
        [verdict] = desk.row(name).state.verdicts.values()
        assert verdict.fields == {"year": 2031, "level": "district", "metric": "records processed\nonline"}
        assert verdict.note == "as the plan says"
    page.keyboard.press("a")  # it is accepted as it is seen
    page.wait_for_timeout(300)
    with Desk.open(out) as desk:
        assert desk.row(name).state.status == "edited"
    page.keyboard.press("e")
    form.get_by_label("Metric").fill("typed, and not to be lost")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.keyboard.press("Escape")
    expect(form.get_by_label("Metric")).to_have_value("typed, and not to be lost")
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    expect(form).to_have_count(0)
    assert focused(page) == f"row-{name}"


def select(page: Page, words: str) -> None:
    """Select words of the text with the mouse."""
    page.evaluate(
        """(words) => {
          const walker = document.createTreeWalker(document.getElementById("text"), NodeFilter.SHOW_TEXT);
          for (let node; (node = walker.nextNode()); ) {
            const at = node.data.indexOf(words);
            if (at < 0) continue;
            node.parentElement.scrollIntoView({ block: "center" });
            getSelection().setBaseAndExtent(node, at, node, at + words.length);
            return;
          }
          throw Error("not there: " + words);
        }""",
        words,
    )


def test_a_missed_target_is_added_by_selecting_its_words(visit: Open, out: Path):
    """Behind a rice ear, which is one character of Python and two of JavaScript."""
    with Desk.open(out) as desk:
        text = desk.document("a.txt").text
    page = visit()
    begin(page)
    select(page, "Rice exports")
    page.keyboard.press("m")
    form = page.locator("form.add")
    expect(form.get_by_label("Value, as it stands")).to_have_value("Rice exports")
    assert form.locator("[name=start]").input_value() == str(text.index("Rice exports"))
    form.get_by_label("Metric").fill("<b>exports</b>")
    page.keyboard.press("Control+Enter")
    expect(form.get_by_label("Number")).to_have_attribute("aria-invalid", "true")
    form.get_by_label("Number").fill("2")
    form.get_by_label("Unit").select_option("multiple")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("added")
    with Desk.open(out) as desk:
        [row] = [row for row in desk.rows if row.state.status == "added"]
        assert (row.target.value, row.target.start) == ("Rice exports", text.index("Rice exports"))
    assert current(page) == row.target.target_id
    expect(page.locator("mark.value.lit")).to_contain_text("Rice exports")
    page.keyboard.press("u")
    expect(page.locator("#said")).to_contain_text("Taken back")
    expect(page.locator(f"#row-{row.target.target_id}")).to_have_count(0)


def test_a_missed_target_is_added_with_the_keys_alone(visit: Open, out: Path):
    page = visit()
    begin(page)
    page.keyboard.press("m")
    expect(page.locator("#said")).to_contain_text("at”")  # from "at least 90 per cent"
    for key in (
        "ArrowLeft",
        "ArrowRight",
        "ArrowRight",
        "Shift+ArrowRight",
        "Shift+ArrowRight",
        "Shift+ArrowLeft",
    ):
        page.keyboard.press(key)
    expect(page.locator("#said")).to_have_text("least 90")
    page.keyboard.press("Escape")
    expect(page.locator("form.add")).to_have_count(0)
    page.keyboard.press("m")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")
    form = page.locator("form.add")
    expect(form.get_by_label("Value, as it stands")).to_have_value("at least")
    expect(page.locator("#add-title")).to_be_focused()
    form.get_by_label("Number").fill("1")
    form.get_by_label("Unit").select_option("count")
    form.get_by_label("Metric").fill("x")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#said")).to_contain_text("added")
    with Desk.open(out) as desk:
        assert desk.progress().total["added"] == 1


def test_two_reviewers_in_conflict_and_who_settles_it(visit: Open, out: Path):
    an, binh = visit("An"), visit("Binh")
    for page in (an, binh):
        begin(page)
    name = current(an)
    an.keyboard.press("e")
    an.locator("form.edit").get_by_label("Year", exact=True).fill("2026")
    an.keyboard.press("Control+Enter")
    status(an, name, "edited")
    binh.keyboard.press("a")  # of a row that An has changed since: first look
    expect(binh.locator(f"#row-{name} .problem")).to_contain_text("An has changed this row")
    binh.keyboard.press("r")
    status(binh, name, "conflict")
    chi = visit("Chi", adjudicates=True)
    go(chi, "/doc?status=conflict&doc=a.txt")
    row = chi.locator(f"#row-{name}")
    expect(row.locator(".versus")).to_contain_text("2026")
    expect(row.get_by_role("button", name="Settle as An")).to_be_visible()
    chi.keyboard.press("1")
    status(chi, name, "edited")
    an.keyboard.press("j")
    an.keyboard.press("a")  # what others decided comes with the next answer
    expect(an.locator(f"#row-{name} .verdicts")).to_contain_text("settled")
    with Desk.open(out) as desk:
        state = desk.row(name).state
        assert (state.adjudicated_by, state.final and state.final.year) == ("Chi", 2026)


def test_nothing_in_a_document_runs(visit: Open):
    page = visit()
    begin(page)
    text = page.locator("#text").inner_text()
    assert "<script>document.title = 'run'</script>" in text
    assert "onerror=\"document.title='run'\"" in text
    page.keyboard.press("e")
    page.wait_for_selector("form.edit")
    assert page.locator("main script, main img, .paper script, .paper img").count() == 0
    assert page.title() != "run"
    assert page.evaluate("fetch('https://example.org').then(() => 'went', () => 'refused')") == "refused"


_TOO_WIDE = """document.documentElement.scrollWidth <= 320 ? [] : [...document.querySelectorAll("*")].filter(
  (one) => one.getBoundingClientRect().right > 320 && !one.parentElement.closest(".scroll")).map((one) => one.outerHTML.slice(0, 80))"""


def test_it_fits_a_small_screen(visit: Open, out: Path):
    with Desk.open(out) as desk:
        first = desk.rows[0].target.target_id
        desk.record("Binh", "edit", first, fields={"metric": "a_very_long_word_" * 12, "year": 2026})
        desk.record("Chi", "reject", first)
    page = visit(width=320, height=640)
    for path in (
        "/",
        f"/doc?row={first}",
        f"/doc?row={first}&edit=1",
        "/doc?doc=a.txt&add=1",
        "/rows",
        "/help",
        "/who",
        "/?status=mine&year=x",
    ):
        go(page, path)
        too_wide = page.evaluate(_TOO_WIDE)
        assert too_wide == [], path
    go(page, f"/doc?row={first}")
    row = page.locator(f"#row-{first} .what")
    box, paper = row.bounding_box(), page.locator("#paper").bounding_box()
    assert box is not None and paper is not None
    assert paper["y"] + paper["height"] <= box["y"] < 640  # the row is seen, and not under the text


def test_it_can_be_used_without_seeing_it(visit: Open):
    """Landmarks, names of all controls, one way in by Tab, announcements, and contrast."""
    page = visit()
    begin(page)
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("region", name="Document", exact=True)).to_be_visible()
    expect(page.locator("#said")).to_have_attribute("aria-live", "polite")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("#text").get_attribute("lang") == "en"
    assert page.locator("#cards > .row[tabindex='0']").count() == 1
    page.keyboard.press("e")
    expect(page.locator("form.edit").get_by_label("Value, as it stands")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("form.edit")).to_have_count(0)
    page.keyboard.press("/")
    expect(page.get_by_label("Status")).to_be_focused()
    page.locator("#cards > .row[aria-current]").get_by_text("Edit").click()
    page.wait_for_selector("form.edit")
    unnamed = page.evaluate(
        """[...document.querySelectorAll("button, a[href], input:not([type=hidden]), select, textarea, svg[role=img]")].filter((one) =>
          !(one.ariaLabel || one.textContent.trim() || one.labels?.length)).map((one) => one.outerHTML)"""
    )
    assert unnamed == []
    twice = page.evaluate(
        "(() => { const ids = [...document.querySelectorAll('[id]')].map((one) => one.id); return ids.filter((id, n) => ids.indexOf(id) != n); })()"
    )
    assert twice == []
    page.keyboard.press("Escape")
    expect(page.locator("form.edit")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


_CONTRAST = """
() => {
  const shade = (css) => { const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true }); c.fillStyle = css; c.fillRect(0, 0, 1, 1); return [...c.getImageData(0, 0, 1, 1).data]; };
  const light = (rgb) => rgb.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4).reduce((sum, v, n) => sum + v * [0.2126, 0.7152, 0.0722][n], 0);
  const under = (one) => { for (; one; one = one.parentElement) { const c = shade(getComputedStyle(one).backgroundColor); if (c[3] == 255) return c; } return shade("Canvas"); };
  const poor = [];
  for (const one of document.querySelectorAll("body *")) {
    const words = [...one.childNodes].some((node) => node.nodeType == 3 && node.data.trim());
    if (!words || !one.checkVisibility({ visibilityProperty: true, opacityProperty: true }) || one.closest(".vh, .skip, kbd")) continue;
    const a = light(shade(getComputedStyle(one).color)), b = light(under(one));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([one.className || one.tagName, ratio, one.textContent.slice(0, 30)]);
  }
  return poor;
}
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_enough(visit: Open, out: Path, scheme: str):
    with Desk.open(out) as desk:
        first, second, third, *_ = [row.target.target_id for row in desk.rows]
        desk.record("Binh", "edit", first, fields={"year": 2026})
        desk.record("Chi", "reject", first)
        desk.record("Binh", "reject", second)
        desk.record("Binh", "edit", third, fields={"year": 2026})
    page = visit(color_scheme=scheme)
    for path in ("/", "/rows", f"/doc?row={first}", f"/doc?row={second}&edit=1", "/?year=x", "/help"):
        go(page, path)
        assert page.evaluate(_CONTRAST) == [], path


def test_a_server_that_is_gone_is_said_and_nothing_typed_is_lost(chromium: Browser, out: Path):
    page = chromium.new_page(reduced_motion="reduce")
    with served(out) as link:
        page.goto(link())
        page.get_by_label("Your name").fill("An")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Documents")).to_be_visible()
        begin(page)
        name = current(page)
        page.keyboard.press("e")
        page.locator("form.edit").get_by_label("Metric").fill("typed")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#alarm")).to_contain_text("Not saved: the server does not answer")
    expect(page.locator("form.edit").get_by_label("Metric")).to_have_value("typed")
    page.locator(f"#row-{name}").wait_for()
    page.close()
    with Desk.open(out) as desk:
        assert list(desk.store.events()) == []


def test_pointing_at_a_row_lights_all_its_evidence_and_scrolls_to_its_value(
    visit: Open, tmp_path: Path, out: Path
):
    document = document_of(FIRST + "\n" + "The council met and spoke.\n" * 1500 + SECOND, "long.txt")
    rows = extract(document, model=None)
    shutil.rmtree(out)
    dataset.save(rows, [], out, run={}, documents=[document])
    page = visit()
    begin(page)
    last = page.locator("#cards > .row").last
    last.click()
    value = page.locator("mark.value.lit").first
    expect(value).to_be_in_viewport()
    row = page.locator("#cards > .row").first
    row.hover()
    lit = page.locator("mark.lit")
    found = {field for one in lit.all() for field in (one.get_attribute("class") or "").split()}
    assert {"value", "metric", "year"} <= found
    link = row.locator(".chip.locality a")
    link.click()
    expect(page.locator("mark:target")).to_be_in_viewport()


def test_forms_work_without_scripts(visit: Open, out: Path, chromium: Browser):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    with served(out) as link:
        page.goto(link())
        page.get_by_label("Your name").fill("An")
        page.get_by_role("button", name="Begin").click()
        page.get_by_role("link", name="Next undecided row").click()
        page.get_by_role("button", name="Accept").first.click()
        expect(page.locator("#cards > .row").first).to_have_attribute("data-status", "accepted")
        page.get_by_role("link", name="Edit").first.click()
        page.locator("form.edit").get_by_label("Year", exact=True).fill("2031")
        page.get_by_role("button", name="Save").click()
        expect(page.locator("#cards > .row").first).to_have_attribute("data-status", "edited")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator("#cards > .row").first).to_have_attribute("data-status", "accepted")
    context.close()


def test_a_dataset_in_review_shows_where_it_stands(visit: Open, out: Path):
    """The pictures of the documentation are taken here."""
    texts = sorted((ROOT / "corpus" / "en").glob("en-dx-0*.txt"))[:8]
    documents = [document_of(one.read_text("utf-8"), one.name) for one in texts]
    shutil.rmtree(out)
    rows = [replace(row) for one in documents for row in extract(one, model=None)]
    dataset.save(rows, [], out, run={}, documents=documents)
    with Desk.open(out) as desk:
        names = [row.target.target_id for row in desk.rows]
        for n, name in enumerate(names[:24]):
            if n not in (4, 5, 6, 7, 8, 9):
                desk.record("An", "reject" if n % 7 == 5 else "accept", name)
        desk.record("Binh", "edit", names[0], fields={"level": "district", "year": 2031})
        desk.record("Binh", "reject", names[12])
        desk.record("Binh", "accept", names[13])
    page = visit("Chi", adjudicates=True)
    expect(page.get_by_role("banner")).to_contain_text("1 in conflict")
    shot(page, "documents")
    begin(page)
    page.wait_for_timeout(500)
    shot(page, "document")
    page.keyboard.press("e")
    page.locator("form.edit").get_by_label("Year", exact=True).fill("soon")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".error")
    shot(page, "edit")
    page.once("dialog", lambda dialog: dialog.accept())
    page.keyboard.press("Escape")
    page.wait_for_selector("form.edit", state="detached")
    page.keyboard.press("m")
    for key in ("ArrowDown", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("form.add")
    shot(page, "add")
    go(page, f"/doc?row={names[0]}")
    row = page.locator("#cards > .row").first
    for told in ("Settle as An", "Settle as Binh", "district", "2031"):
        expect(row).to_contain_text(told)
    shot(page, "conflict")
    page.emulate_media(color_scheme="dark")
    shot(page, "dark")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 320, "height": 640})
    go(page, f"/doc?row={names[4]}")
    shot(page, "small")
