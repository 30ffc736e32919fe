// <div data-languages> radios "…-language" </div>, one for each example of a page
//
// The examples are switched by CSS alone. Here one choice counts for all of them, and the server is told
// by a cookie, so that the next page comes in that language and nothing jumps.

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[data-languages] [type=radio]")) return;
  for (const radio of document.querySelectorAll(`[data-languages] [value="${target.value}"]`)) radio.checked = true;
  document.cookie = `docs-language=${target.value}; path=/docs; max-age=31536000; samesite=lax`;
});
