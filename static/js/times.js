// <time datetime="…Z" data-local>21 Nov 2026, 09:44 UTC</time> → in the reader's own time zone.
// data-local="exactly" shows seconds too.

const short = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

function localise(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    const format = time.dataset.local === "exactly" ? exact : short;
    time.title = time.textContent;
    time.textContent = format.format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

localise(document);
document.addEventListener("htmx:load", (event) => localise(event.detail.elt));
