// <article id="card-…" data-announce="rendering" data-announce-about="A paper boat">
// When a swap changes what an element announces, screen readers hear it once.

const heard = new Map();
const announcer = document.getElementById("announcer");

function listen(first) {
  for (const element of document.querySelectorAll("[data-announce][id]")) {
    const { announce, announceAbout } = element.dataset;
    const before = heard.get(element.id);
    heard.set(element.id, announce);
    if (!first && before !== undefined && before !== announce) {
      announcer.textContent = `${announceAbout}: ${announce}.`;
    }
  }
}

listen(true);
document.addEventListener("htmx:load", () => listen(false));
