// Says that the network is gone and that nothing is lost, and when it is back; also when an answer does
// not come, or is a refusal that no part of the page shows. Whatever polls, polls again by itself.

const GONE = "You are offline. What you typed stays here; clips go on being made.";
const SILENT = "The site does not answer. Trying again.";

const REFUSED = {
  403: "This was refused. Reload the page: it may have been open too long, or your role has changed.",
  404: "This is not here any more. Reload the page.",
  413: "This is too large to be sent. Take a smaller picture.",
  429: "That was a lot at once. Wait a moment, then try again.",
};

// A refusal can be read although what polls goes on well.
const READ_IN = 8000;

let notice = null;
let keptUntil = 0;

function say(words) {
  if (!notice) {
    notice = Object.assign(document.createElement("p"), { className: "offline" });
    notice.setAttribute("role", "status");
    document.body.append(notice);
  }
  if (notice.textContent !== words) notice.textContent = words;
}

function hush() {
  notice?.remove();
  notice = null;
}

addEventListener("offline", () => say(GONE));
addEventListener("online", hush);
document.addEventListener("htmx:sendError", () => say(navigator.onLine ? SILENT : GONE));
document.addEventListener("htmx:responseError", ({ detail }) => {
  const { status, responseText } = detail.xhr;
  const ours = detail.xhr.getResponseHeader("Content-Type")?.startsWith("text/plain");
  if (status < 500 && (ours || REFUSED[status])) {
    say(ours ? responseText : REFUSED[status]);
    keptUntil = Date.now() + READ_IN;
  } else if (status >= 500) say(SILENT);
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful && Date.now() > keptUntil) hush();
});
if (!navigator.onLine) say(GONE);
