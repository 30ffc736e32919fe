// <div data-tabs><section data-tab="curl"><h3>curl</h3>…</section> …</div>
// Without this module all sections show, each under its heading. One choice counts for all pages.

const KEPT = "docs-language";

document.querySelectorAll("[data-tabs]").forEach((box, place) => {
  const panels = [...box.querySelectorAll("[data-tab]")];
  if (panels.length < 2) return;
  const bar = document.createElement("div");
  bar.className = "snippet__tabs";
  bar.setAttribute("role", "tablist");
  bar.append(...panels.map((panel, number) => tab(panel, `tab-${place}-${number}`)));
  box.prepend(bar);
  bar.addEventListener("keydown", walk);
});
show(localStorage.getItem(KEPT));

function tab(panel, id) {
  const button = document.createElement("button");
  Object.assign(button, { id, type: "button", textContent: panel.dataset.tab, className: "snippet__tab" });
  button.setAttribute("role", "tab");
  panel.id = `${id}-panel`;
  button.setAttribute("aria-controls", panel.id);
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-labelledby", id);
  panel.querySelector(".snippet__language").hidden = true;
  button.addEventListener("click", () => {
    localStorage.setItem(KEPT, button.textContent);
    show(button.textContent);
  });
  return button;
}

// A page without the wanted language shows its first one.
function show(wanted) {
  for (const bar of document.querySelectorAll(".snippet__tabs")) {
    const tabs = [...bar.children];
    const chosen = tabs.find((one) => one.textContent === wanted) ?? tabs[0];
    for (const one of tabs) {
      one.setAttribute("aria-selected", one === chosen);
      one.tabIndex = one === chosen ? 0 : -1;
      document.getElementById(one.getAttribute("aria-controls")).hidden = one !== chosen;
    }
  }
}

function walk(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const tabs = [...event.currentTarget.children];
  const next = tabs[(tabs.indexOf(document.activeElement) + step + tabs.length) % tabs.length];
  next.focus();
  next.click();
}
