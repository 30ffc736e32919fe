// <div id="reel" data-reel="/studio/reel"> and elements with hx-trigger="every 2s, news"
//
// Polling keeps each unfinished card up to date. What follows are sources of news that make a page ask
// at once: the other tabs of this browser, and coming back to a tab. A stream of the server is one more:
// a function that is given `news` and calls it.

const tabs = new BroadcastChannel("reelay");

const SOURCES = [
  (news) => (tabs.onmessage = news),
  (news) => document.addEventListener("visibilitychange", () => document.hidden || news()),
  (news) => addEventListener("online", news),
];

function refresh() {
  const reel = document.querySelector("[data-reel]");
  if (reel) {
    const newest = reel.querySelector("[id^='card-']")?.id.replace("card-", "") ?? "";
    htmx.ajax("GET", `${reel.dataset.reel}?after=${newest}`, { target: reel, swap: "afterbegin" });
  }
  for (const waiting of document.querySelectorAll('[hx-trigger~="news"]')) htmx.trigger(waiting, "news");
}

for (const listen of SOURCES) listen(refresh);

// Whatever is changed here, the other tabs ask about.
document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = event.detail;
  if (successful && requestConfig.verb !== "get") tabs.postMessage("changed");
});
