// <form data-order data-draft="whose" data-fresh> … <button data-draft-clear>
//
// What is typed is kept in this browser until it is ordered or begun afresh, so it outlives a closed
// tab and a lost session. Only the same person in the same workspace gets it back, and only where the
// server had nothing better to fill in (data-fresh).

const NAMES = ["prompt", "model", "resolution", "duration", "count", "prompt_optimizer", "policy", "provider", "image_url"];

const key = (form) => `reelay.draft.${form.dataset.draft}`;

function fields(form, name) {
  const found = form.elements[name];
  return found instanceof RadioNodeList ? [...found] : [found].filter(Boolean);
}

function read(form) {
  return Object.fromEntries(NAMES.map((name) => {
    const [first] = fields(form, name);
    if (first?.type === "checkbox") return [name, first.checked];
    return [name, form.elements[name]?.value ?? ""];
  }));
}

function fill(form, draft) {
  for (const [name, value] of Object.entries(draft)) {
    for (const field of fields(form, name)) {
      if (field.type === "checkbox") field.checked = Boolean(value);
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = String(value);
    }
  }
  form.elements.prompt.dispatchEvent(new Event("input", { bubbles: true }));
  form.elements.image_url.dispatchEvent(new Event("input", { bubbles: true }));
}

function store(form, draft) {
  try {
    if (draft) localStorage.setItem(key(form), JSON.stringify(draft));
    else localStorage.removeItem(key(form));
  } catch {
    // a browser that keeps nothing: the form works all the same
  }
}

function stored(form) {
  try {
    return JSON.parse(localStorage.getItem(key(form)));
  } catch {
    return null;
  }
}

function begin(form) {
  const draft = "fresh" in form.dataset ? stored(form) : null;
  if (!draft || typeof draft !== "object") return;
  fill(form, draft);
  // Whoever listens, htmx too, does so from here on.
  document.addEventListener("DOMContentLoaded", () => {
    form.dispatchEvent(new Event("change", { bubbles: true }));
    document.getElementById("announcer").textContent = "Your draft is back.";
  });
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => {
    const form = event.target.closest?.("[data-draft]");
    if (form && event.isTrusted) store(form, read(form));
  });
}

// A move of the camera is written by a script, not typed.
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-directive], [data-then]")?.closest("[data-draft]");
  if (form) store(form, read(form));
});

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-draft-clear]")?.closest("[data-draft]");
  if (!form) return;
  store(form, null);
  location.assign(form.getAttribute("action"));
});

const form = document.querySelector("[data-draft]");
if (form) begin(form);
