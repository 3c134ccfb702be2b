// Pointing at a row lights its evidence in the text, and the other way round.
const all = [...document.querySelectorAll("[data-rows]")];
const rows = (element) => element.dataset.rows.split(" ");
for (const element of all) {
  const same = all.filter((other) => rows(other).some((row) => rows(element).includes(row)));
  element.addEventListener("mouseenter", () => same.forEach((other) => other.classList.add("lit")));
  element.addEventListener("mouseleave", () => same.forEach((other) => other.classList.remove("lit")));
}
