// <script src="live.js" data-live="/live" data-workspace="wks_…">, <div id="reel" data-reel="/studio/reel">
// and elements with hx-get and hx-trigger="every 2s, news" (or "news" alone)
//
// Polling keeps each unfinished card up to date. News make a part of the page ask at once: from the other
// tabs of this browser, on coming back to a tab, and from the server's stream. While the stream is open,
// polling rests but for a look every half a minute; it names what has changed, and the page asks for that.
//
// The tabs of a workspace share one stream, as a browser opens six connections to a site: whoever holds
// the lock listens and tells the others. Without locks (plain HTTP) or without a stream, all of them poll.

const LOOK_EVERY = 30_000;
const LISTEN_AGAIN_AFTER = 60_000;

const { live, workspace } = document.querySelector("script[data-live]").dataset;
const tabs = new BroadcastChannel(`reelay-${workspace}`);
const late = new Set();
let streaming = false;
let rolling = null;

const MESSAGES = {
  changed: refresh,
  news: ask,
  streaming: (now) => {
    if (now && !streaming) refresh(); // what happened before it was open
    streaming = now;
  },
  arrived: () => streaming && tabs.postMessage(["streaming", true]),
};

function hear([message, detail]) {
  MESSAGES[message](detail);
}

function tell(...message) {
  tabs.postMessage(message);
  hear(message);
}

function waiting(part = "") {
  return document.querySelectorAll(`[hx-trigger~="news"][hx-get*="${part}"]`);
}

function refresh() {
  roll();
  for (const one of waiting()) htmx.trigger(one, "news");
}

function roll() {
  const reel = document.querySelector("[data-reel]");
  if (!reel || rolling) return;
  const newest = reel.querySelector("[id^='card-']")?.id.replace("card-", "") ?? "";
  const address = `${reel.dataset.reel}?after=${newest}`;
  const done = () => (rolling = null);
  rolling = htmx.ajax("GET", address, { target: reel, swap: "afterbegin" }).then(done, done);
}

// "generation:<hex>", or what else has happened: then it is about money, or about a clip of elsewhere.
function ask(about) {
  const parts = waiting(about.replace("generation:", "/gen_"));
  if (!parts.length) {
    roll();
    htmx.trigger("#balance", "news");
  }
  for (const part of parts) {
    if (part.classList.contains("htmx-request")) late.add(about); // its answer may be of before
    else htmx.trigger(part, "news");
  }
}

function listen() {
  const source = new EventSource(live);
  source.onopen = () => tell("streaming", true);
  source.onmessage = ({ data }) => tell("news", data);
  source.onerror = () => {
    tell("streaming", false);
    if (source.readyState === EventSource.CLOSED) setTimeout(listen, LISTEN_AGAIN_AFTER * (1 + Math.random()));
  };
}

tabs.onmessage = ({ data }) => hear(data);
tabs.postMessage(["arrived"]);
navigator.locks?.request(`reelay-live-${workspace}`, () => {
  listen();
  return new Promise(() => {}); // as long as this tab is open
});
setInterval(() => streaming && refresh(), LOOK_EVERY);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("online", refresh);

// A poll is a request that no event asked for.
document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt, requestConfig } = event.detail;
  if (streaming && !requestConfig.triggeringEvent && elt.matches('[hx-trigger~="news"]')) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const { successful, requestConfig } = event.detail;
  // Whatever is changed here, the other tabs ask about.
  if (successful && requestConfig.verb !== "get") tabs.postMessage(["changed"]);
  const again = [...late];
  late.clear();
  again.forEach(ask);
});
