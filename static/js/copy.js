// <button data-copy="#id">Copy</button> <span role="status" data-copied></span>

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const said = button.parentElement.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(source.textContent.trim());
    said.textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(source); // no clipboard without https: leave it marked
    said.textContent = "It is marked: press Ctrl+C or ⌘C.";
  }
});
