// <form data-marked> checkboxes "clip", <span data-marked-count>, <button data-marked-none hidden>
//
// Says how many are marked, marks a whole row with Shift, and lets go of all of them. Marking itself
// needs no script.

let last = null;

const marks = (form) => [...form.querySelectorAll('[name="clip"]')];

function count(form) {
  const marked = marks(form).filter((mark) => mark.checked).length;
  const said = form.querySelector("[data-marked-count]");
  if (said) said.textContent = marked === 1 ? "1 clip marked" : `${marked} clips marked`;
  form.querySelector("[data-marked-none]")?.toggleAttribute("hidden", !marked);
}

document.addEventListener("click", (event) => {
  const none = event.target.closest("[data-marked-none]");
  const form = event.target.closest("[data-marked]");
  if (!form) return;
  if (none) for (const mark of marks(form)) mark.checked = false;
  else if (event.target.matches('[name="clip"]')) {
    const all = marks(form);
    if (event.shiftKey && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
      for (const mark of all.slice(from, to + 1)) mark.checked = event.target.checked;
    }
    last = event.target;
  } else return;
  count(form);
  if (none) marks(form)[0]?.focus();
});
