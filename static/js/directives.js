// The prompt's chips and its count.
//
//   <textarea id="x"> <span data-count-of="x" data-most="2000">
//   <div data-directives="x"><button data-directive="Push in">…
//
// A chip writes [Push in] at the caret, or joins the bracket the caret stands in or right after;
// pressed again it takes its words out. Three directives share a bracket at most.

const MOST = 3;
const BRACKET = /\[([^\][]*)\]/g;

function brackets(text) {
  return [...text.matchAll(BRACKET)].map((match) => ({
    start: match.index,
    end: match.index + match[0].length,
    moves: match[1].split(",").map((move) => move.trim()).filter(Boolean),
  }));
}

function bracketAt(text, caret) {
  return brackets(text).find(({ start, end }) => start < caret && caret <= end);
}

function replace(area, start, end, words) {
  area.setRangeText(words, start, end, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  area.focus();
}

function toggle(area, move) {
  const text = area.value;
  const here = bracketAt(text, area.selectionStart);
  if (here?.moves.includes(move)) {
    const rest = here.moves.filter((other) => other !== move);
    const start = rest.length || text[here.start - 1] !== " " ? here.start : here.start - 1;
    replace(area, start, here.end, rest.length ? `[${rest.join(", ")}]` : "");
  } else if (here && here.moves.length < MOST) {
    replace(area, here.start, here.end, `[${[...here.moves, move].join(", ")}]`);
  } else {
    const at = here ? here.end : area.selectionStart;
    const gap = at > 0 && !/\s$/.test(text.slice(0, at)) ? " " : "";
    replace(area, at, here ? at : area.selectionEnd, `${gap}[${move}]`);
  }
}

function show(area) {
  const here = bracketAt(area.value, area.selectionStart);
  for (const chip of document.querySelectorAll(`[data-directives="${area.id}"] [data-directive]`)) {
    chip.setAttribute("aria-pressed", String(Boolean(here?.moves.includes(chip.dataset.directive))));
  }
  const count = document.querySelector(`[data-count-of="${area.id}"]`);
  if (!count) return;
  const over = area.value.length - Number(count.dataset.most);
  count.textContent = over > 0 ? `${over} too many` : `${area.value.length} of ${count.dataset.most}`;
}

function showAll() {
  for (const group of document.querySelectorAll("[data-directives]")) {
    const area = document.getElementById(group.dataset.directives);
    show(area);
  }
}

document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-directive]");
  if (!chip) return;
  const group = chip.closest("[data-directives]");
  toggle(document.getElementById(group.dataset.directives), chip.dataset.directive);
});
document.addEventListener("input", (event) => event.target.matches("textarea") && show(event.target));
document.addEventListener("selectionchange", showAll);
document.addEventListener("htmx:load", showAll);
showAll();
