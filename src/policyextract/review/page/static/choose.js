// Words of the document by mouse or keys → offsets of the text, in characters as Python counts them.
const text = document.getElementById("text");
let state = null; // while words are chosen with the keys

export const choosing = () => state !== null;

const parts = () => [...text.querySelectorAll(".part")];
const characters = (words) => [...words].length; // a JavaScript string counts halves of rare characters

/** The offset of a place of the page in the text, null outside of it. */
function offset(node, at) {
  const part = (node.nodeType === 1 ? node : node.parentElement)?.closest(".part");
  if (!part || !text.contains(part)) return null;
  const before = document.createRange();
  before.setStart(part, 0);
  before.setEnd(node, at);
  return Number(part.dataset.at) + characters(before.toString());
}

/** What is selected in the text, null if nothing is. */
export function chosen() {
  const selection = getSelection();
  if (!text || !selection.rangeCount) return null;
  const range = selection.getRangeAt(0);
  if (!range.toString().trim()) return null;
  const start = offset(range.startContainer, range.startOffset), end = offset(range.endContainer, range.endOffset);
  return start !== null && end !== null && start < end ? { start, end } : null;
}

/** The words of the text, each with its part and its places in it. */
function words() {
  const found = [];
  for (const part of parts()) {
    for (const match of part.textContent.matchAll(/\S+/g)) found.push({ part, from: match.index, to: match.index + match[0].length });
  }
  return found;
}

function place(part, at) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(), rest = at; node; rest -= node.length, node = walker.nextNode()) {
    if (rest <= node.length) return [node, rest];
  }
  return [part, part.childNodes.length];
}

function draw(say) {
  const { all, first, last } = state;
  const selection = getSelection();
  const from = place(all[first].part, all[first].from), to = place(all[last].part, all[last].to);
  selection.setBaseAndExtent(...from, ...to);
  from[0].parentElement.scrollIntoView({ block: "nearest" });
  say(selection.getRangeAt(0).toString());
}

/** Choose words with the keys, from those at an offset on; `done` gets the offsets, or null. */
export function choose(start, done, say) {
  if (!text) return;
  const all = words();
  if (!all.length) return;
  const parted = parts().findLast((part) => Number(part.dataset.at) <= Number(start ?? 0)) ?? parts()[0];
  const within = [...parted.textContent].slice(0, Number(start ?? 0) - Number(parted.dataset.at)).join("").length;
  let at = all.findIndex((word) => word.part === parted && word.to > within);
  if (at < 0) at = 0;
  state = { all, first: at, last: at, grown: 1 };
  text.classList.add("choosing");
  const end = (found) => {
    removeEventListener("keydown", keys, true);
    text.classList.remove("choosing");
    state = null;
    done(found);
  };
  const move = (by, more) => {
    if (more) state.last = Math.min(all.length - 1, Math.max(state.first, state.last + by));
    else state.first = state.last = Math.min(all.length - 1, Math.max(0, (by > 0 ? state.last : state.first) + by));
    draw(say);
  };
  /** How many words it is to the line above or below. */
  const line = (by) => {
    const top = (n) => { const range = document.createRange(); const one = all[n]; range.setStart(...place(one.part, one.from)); range.setEnd(...place(one.part, one.to)); return range.getBoundingClientRect(); };
    const here = top(state.last);
    let n = state.last;
    while (all[n + by] && Math.abs(top(n).top - here.top) < here.height / 2) n += by;
    while (all[n + by] && Math.abs(top(n + by).top - top(n).top) < here.height / 2 && (by > 0 ? top(n).left < here.left : top(n).left > here.left)) n += by;
    return n - state.last || by;
  };
  const keys = (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 0, ArrowUp: 0 }[event.key];
    if (by !== undefined) move(by || line(event.key === "ArrowDown" ? 1 : -1), event.shiftKey);
    else if (event.key === "Enter") end(chosen());
    else if (event.key === "Escape") { getSelection().removeAllRanges(); end(null); say("Nothing is added."); }
    else if (event.key === "Shift") return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("keydown", keys, true);
  draw((words_) => say(`Choose the value: arrow keys move, Shift takes more words, Enter takes “${words_}”, Esc leaves.`));
}
