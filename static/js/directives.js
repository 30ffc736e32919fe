// The camera's moves and the count of the prompt.
//
//   <textarea id="x"> <span data-count-of="x" data-most="2000">
//   <div data-directives="x"><button data-directive="Push in">… <ol data-moves-of="x"> <button data-then>
//
// A move writes [Push in] at the caret, or joins the bracket the caret stands in or right after;
// pressed again it takes its words out. Three share a bracket at most; "Then…" leaves the bracket, so
// that the next move begins another one. The list says what the camera will do, and what it will not.

const MOST = 3;
const BRACKET = /(?<!\[)\[([^\][]*)\](?!\])/g;

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

function leave(area) {
  const here = bracketAt(area.value, area.selectionStart);
  const at = here ? here.end : area.selectionStart;
  const next = area.value[at];
  if (next === " ") area.setSelectionRange(at + 1, at + 1);
  else replace(area, at, at, " ");
  area.focus();
}

function known(group) {
  return [...group.querySelectorAll("[data-directive]")].map((move) => move.dataset.directive);
}

/** One line for each bracket that is meant for the camera; a bracket with none is only words. */
function lines(text, names) {
  const spelled = new Map(names.map((name) => [name.toLowerCase(), name]));
  return brackets(text).flatMap(({ moves }) => {
    const found = moves.filter((move) => spelled.has(move.toLowerCase()));
    const strange = moves.find((move) => !spelled.has(move.toLowerCase()));
    if (!found.length) return [];
    if (strange) return [{ bad: true, text: `“${strange}” is not a move the camera knows.` }];
    if (moves.length > MOST) return [{ bad: true, text: `Only ${MOST} moves share a bracket: “${moves[MOST]}” is one too many.` }];
    return [{ text: found.map((move) => spelled.get(move.toLowerCase())).join(" + ") }];
  });
}

function list(group, area) {
  const order = group.querySelector("[data-moves-of]");
  const said = lines(area.value, known(group));
  const before = [...order.children].map((item) => item.textContent).join("|");
  if (before === said.map((line) => line.text).join("|")) return;
  order.replaceChildren(...said.map(({ bad, text }) => Object.assign(document.createElement("li"), {
    className: bad ? "moves__step moves__step--bad" : "moves__step", textContent: text,
  })));
}

function show(area) {
  const here = bracketAt(area.value, area.selectionStart);
  for (const group of document.querySelectorAll(`[data-directives="${area.id}"]`)) {
    for (const move of group.querySelectorAll("[data-directive]")) {
      move.setAttribute("aria-pressed", String(Boolean(here?.moves.includes(move.dataset.directive))));
    }
    list(group, area);
  }
  const count = document.querySelector(`[data-count-of="${area.id}"]`);
  if (!count) return;
  const over = area.value.length - Number(count.dataset.most);
  count.textContent = over > 0 ? `${over} too many` : `${area.value.length} of ${count.dataset.most}`;
}

function showAll() {
  for (const group of document.querySelectorAll("[data-directives]")) {
    show(document.getElementById(group.dataset.directives));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-directive], [data-then]");
  if (!button) return;
  const area = document.getElementById(button.closest("[data-directives]").dataset.directives);
  if (button.dataset.directive) toggle(area, button.dataset.directive);
  else leave(area);
});
document.addEventListener("input", (event) => event.target.matches("textarea") && show(event.target));
document.addEventListener("selectionchange", showAll);
document.addEventListener("htmx:load", showAll);
showAll();
