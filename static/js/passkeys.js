// Says why a passkey cannot be used here, or why it did not work this time.
//
// <p role="alert" data-passkey-notice hidden></p> <p data-passkey-why hidden></p>
// <button data-passkey>Use a passkey</button>

const WORDS = {
  NotAllowedError: "Nothing was done: it was called off, or took too long. Try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  NotSupportedError: "This device cannot do that. Take another one, or leave the tick away.",
};
const OTHERWISE = "The passkey did not work. Try again, or choose another way.";

const notice = document.querySelector("[data-passkey-notice]");

function say(words) {
  notice.textContent = words;
  notice.hidden = false;
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  say(WORDS[event.detail.exception?.name] ?? OTHERWISE);
});

// A passkey belongs to a name: browsers make none for a number such as 127.0.0.1.
function why() {
  if (/^[\d.]+$|^\[/.test(location.hostname)) {
    const name = location.port ? `localhost:${location.port}` : "localhost";
    return `Passkeys need a name in the address. On this machine that is http://${name}.`;
  }
  return window.PublicKeyCredential ? "" : "This browser knows no passkeys.";
}

if (why()) {
  const reason = document.querySelector("[data-passkey-why]");
  reason.textContent = why();
  reason.hidden = false;
  for (const button of document.querySelectorAll("[data-passkey]")) button.disabled = true;
}
