// The keys of the page, the row in view and its evidence; what is saved is saved by the forms, through htmx.
import { choose, chosen, choosing } from "./choose.js";

const $ = (selector, within = document) => within.querySelector(selector);
const $$ = (selector, within = document) => [...within.querySelectorAll(selector)];
const narrow = matchMedia("(max-width: 56rem)");
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const rows = () => $$("#cards > .row");
const current = () => $("#cards > .row[aria-current]");
let open = null; // what an answer in the air was asked for

// ---- What is said ------------------------------------------------------------------------------------------
const said = $("#said");
let fading = 0;
export function say(text, alarm = false) {
  const where = alarm ? $("#alarm") : said;
  where.textContent = "";
  where.textContent = text;
  if (!alarm) $("#alarm").textContent = "";
}
new MutationObserver(() => {
  said.classList.remove("quiet");
  clearTimeout(fading);
  fading = setTimeout(() => said.classList.add("quiet"), 6000);
}).observe(said, { childList: true, characterData: true, subtree: true });
if (said.dataset.flash) { // so that it is read out, which what a page comes with is not
  const text = said.dataset.flash;
  setTimeout(() => say(text), 150);
}

// ---- The row in view ---------------------------------------------------------------------------------------
const scroll = (element, block) => element?.scrollIntoView({ block, behavior: calm.matches ? "auto" : "smooth" });
function light(row) {
  $$(".lit").forEach((mark) => mark.classList.remove("lit"));
  if (!row) return;
  $$(`mark[data-rows~="${row.dataset.n}"], .n[data-n="${row.dataset.n}"]`, $("#text")).forEach((m) => m.classList.add("lit"));
}
function show(row) {
  light(row);
  const mark = document.getElementById(`c${row.dataset.start}`);
  if (!mark) return;
  const paper = $("#paper"), seen = paper.getBoundingClientRect(), at = mark.getBoundingClientRect();
  if (at.top < seen.top + 40 || at.bottom > seen.bottom - 40) {
    // A first jump lets the browser draw the parts around the value, a second one is exact.
    const jump = () => { paper.scrollTop += mark.getBoundingClientRect().top - paper.getBoundingClientRect().top - paper.clientHeight / 3; };
    jump();
    requestAnimationFrame(jump);
  }
}
function take(row, focus = true) {
  if (!row) return;
  const before = current();
  if (before !== row) {
    before?.removeAttribute("aria-current");
    before?.setAttribute("tabindex", "-1");
    row.setAttribute("aria-current", "true");
    row.setAttribute("tabindex", "0");
  }
  if (focus) row.focus({ preventScroll: true });
  scroll(row, narrow.matches ? "start" : "nearest");
  show(row);
  const name = row.dataset.name;
  for (const link of [$("#next"), $("#add")]) if (link) link.href = link.href.replace(/([?&]row=)[^&#]*/, `$1${name}`);
  const undo = $("#undo-form input[name=row]");
  if (undo) undo.value = name;
}
const typing = (element) => element?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
const dirty = () => $$("form.edit, form.actions .note").some((form) =>
  $$("input:not([type=hidden]), textarea, select", form).some((box) =>
    box.type === "checkbox" ? box.checked !== box.defaultChecked
    : box.options ? [...box.options].some((o) => o.selected !== o.defaultSelected) && [...box.options].some((o) => o.defaultSelected)
    : box.value !== box.defaultValue));
let leaving = false;
function leave(url) {
  if (dirty() && !confirm("What you typed is not saved. Leave it?")) return;
  leaving = true;
  location.assign(url);
}
addEventListener("beforeunload", (event) => { if (!leaving && dirty()) event.preventDefault(); });

function step(by) {
  const all = rows(), at = all.indexOf(current());
  const row = all[at + by];
  if (row) take(row);
  else if ($("#text")) goOn(by < 0 ? "back=1" : "");
}
function goOn(more) {
  const next = new URL(($("#next") ?? $("#begin")).href, location);
  next.searchParams.delete("todo");
  leave(next.pathname + next.search + (more ? (next.search ? "&" : "?") + more : ""));
}
function undecided() {
  const all = rows(), at = all.indexOf(current());
  const asked = new URLSearchParams(location.search).get("status");
  const todo = (row) => asked === "mine" ? !row.dataset.judged : row.dataset.status === (asked === "conflict" ? "conflict" : "undecided");
  const row = all.slice(at + 1).find(todo);
  if (row) take(row);
  else leave(($("#next") ?? $("#begin")).href);
}

// ---- Add a row ---------------------------------------------------------------------------------------------
async function add(span) {
  const text = $("#text");
  if (!text) return;
  const url = new URL("/add", location), filters = new URLSearchParams(location.search);
  for (const [name, value] of filters) if (!["row", "doc", "page", "edit", "add", "start", "end", "v"].includes(name)) url.searchParams.set(name, value);
  url.searchParams.set("doc", text.dataset.doc);
  if (span) for (const name of ["start", "end"]) url.searchParams.set(name, span[name]);
  await htmx.ajax("GET", url.pathname + url.search, { target: "#adder", swap: "innerHTML" });
}
function missed() {
  const span = chosen();
  if (span) add(span);
  else choose(current()?.dataset.start, (found) => found && add(found), say);
}

// ---- Keys --------------------------------------------------------------------------------------------------
const press = (key) => $(`[data-key="${key}"]`, current() ?? document.createElement("p"))?.click();
const goingOn = $("#go-on");
const KEYS = {
  j: () => step(1), ArrowDown: () => step(1), k: () => step(-1), ArrowUp: () => step(-1),
  n: undecided, m: missed,
  u: () => $("#undo")?.click(),
  g: () => goingOn?.click(),
  c: () => $(".note textarea", current())?.focus(),
  "/": () => { const filters = $("#filters"); if (filters) { filters.open = true; $("input:not([type=hidden]), select", filters).focus(); } },
  "?": () => $("#help")?.showModal(),
};
addEventListener("keydown", (event) => {
  if (event.isComposing || choosing()) return;
  const box = typing(event.target);
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && box) {
    const form = box.closest("form");
    const button = form && $(".save", form);
    if (button) { event.preventDefault(); button.click(); }
    return;
  }
  if (event.key === "Escape" && !event.target.closest("dialog")) {
    const form = event.target.closest("form.edit") ?? (box ? null : $("form.edit"));
    if (form) $(".cancel", form).click();
    else if (box && current()) current().focus();
    else box?.blur();
    return;
  }
  if (box || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("dialog")) return;
  if (event.key.startsWith("Arrow") && (event.target.closest("#paper, .scroll") || event.shiftKey)) return; // it scrolls, or selects
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (KEYS[key]) { event.preventDefault(); KEYS[key](); }
  else if (/^[aer1-9]$/.test(key) && !event.repeat) { event.preventDefault(); press(key); }
});

// ---- Pointer and links -------------------------------------------------------------------------------------
addEventListener("click", (event) => {
  const help = event.target.closest("#help-link");
  if (help) { event.preventDefault(); $("#help").showModal(); return; }
  if (event.target.closest("#add")) { event.preventDefault(); missed(); return; }
  if (event.target.closest("#next")) { event.preventDefault(); undecided(); return; }
  const cancel = event.target.closest(".cancel");
  if (cancel && dirty() && !confirm("What you typed is not saved. Leave it?")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (cancel?.closest(".add")) { event.preventDefault(); $("#adder").replaceChildren(); getSelection().removeAllRanges(); current()?.focus(); return; }
  const number = event.target.closest(".n");
  const row = number ? document.getElementById(number.hash.slice(1)) : event.target.closest("#cards > .row");
  if (number && row) event.preventDefault();
  if (row && row !== current()) take(row, !event.target.closest("a, button, input, textarea, select"));
}, true);
addEventListener("mouseover", (event) => { const row = event.target.closest?.("#cards > .row"); if (row) light(row); });
addEventListener("mouseout", (event) => { if (event.target.closest?.("#cards > .row")) light(current()); });
addEventListener("focusin", (event) => { const row = event.target.closest?.("#cards > .row"); if (row && row !== current()) take(row, false); });
addEventListener("submit", (event) => { if (event.target.id !== "undo-form") leaving = !event.target.hasAttribute("hx-post"); });

// ---- Answers -----------------------------------------------------------------------------------------------
addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  const row = source.closest?.(".row");
  open = { row: row?.id, decides: source.matches?.("form[hx-post='/decide']"), editing: source.matches?.("form.edit"), focus: row?.contains(document.activeElement) };
});
addEventListener("htmx:before:response", (event) => { if (event.detail.ctx.response.headers.get("hx-redirect")) leaving = true; });
addEventListener("htmx:after:swap", (event) => {
  const adding = $("#adder form.add");
  const ctx = event.detail.ctx;
  const stands = new Map(rows().map((row) => [row.dataset.n, row.dataset.status]));
  if ($("#text")) $$(".n", $("#text")).forEach((number) => { number.dataset.status = stands.get(number.dataset.n) ?? number.dataset.status; });
  const row = open?.row && document.getElementById(open.row);
  const marked = rows().filter((one) => one.hasAttribute("aria-current"));
  marked.filter((one) => one !== row && marked.length > 1).forEach((one) => { one.removeAttribute("aria-current"); one.tabIndex = -1; });
  if (row) {
    if (!row.hasAttribute("aria-current")) take(row, false);
    const wrong = $("[aria-invalid]", row), edit = $("form.edit", row);
    if (wrong) wrong.focus();
    else if (edit && !edit.contains(document.activeElement)) $("textarea, input:not([type=hidden])", edit).focus();
    else if (!edit) row.focus({ preventScroll: true });
    scroll(row, "nearest");
    light(row);
    if (open.decides && ctx?.response?.status === 200 && goingOn?.checked) undecided();
  } else if (adding && ctx?.target?.id === "adder") {
    ($("[aria-invalid]", adding) ?? $("#add-title")).focus();
    scroll(adding, "nearest");
  }
  open = null;
});
addEventListener("htmx:response:error", (event) => {
  const { status, headers } = event.detail.ctx.response;
  if (status === 422) return;
  const why = headers.get("x-message");
  say(`${event.detail.ctx.request.method === "GET" ? "That did not work." : "Not saved."} ${why ? decodeURIComponent(why) : `The server answers ${status}.`}`, true);
});
addEventListener("htmx:error", () => say("Not saved: the server does not answer. What you typed is still here; see the terminal, then try again.", true));

// ---- Begin -------------------------------------------------------------------------------------------------
if (goingOn) {
  goingOn.closest("label").hidden = false;
  goingOn.checked = localStorage.getItem("go on") === "yes";
  goingOn.addEventListener("change", () => { localStorage.setItem("go on", goingOn.checked ? "yes" : "no"); say(goingOn.checked ? "After a decision it goes on to the next undecided row." : "After a decision it stays on the row."); });
}
const first = current();
if (first) take(first, !$("form.edit"));
const waiting = $("form.edit");
if (waiting) ($("[aria-invalid]", waiting) ?? $("textarea, input:not([type=hidden])", waiting)).focus();
document.documentElement.dataset.ready = "yes"; // the keys work from here on
