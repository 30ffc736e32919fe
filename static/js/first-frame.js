// <div data-drop> a file input, <div data-preview>, <button data-drop-remove hidden> </div>
// <input data-has-frame>
//
// Drop or choose a picture and see it at once. The file itself goes with the form.

const empty = () => Object.assign(document.createElement("span"), { className: "drop__empty", ariaHidden: "true", textContent: "+" });

function parts(drop) {
  return {
    input: drop.querySelector('input[type="file"]'),
    kept: drop.querySelector('[name="upload"]'),
    without: drop.querySelector('[name="without_frame"]'),
    preview: drop.querySelector("[data-preview]"),
    remove: drop.querySelector("[data-drop-remove]"),
    flag: drop.parentElement.querySelector("[data-has-frame]"),
  };
}

function show(drop) {
  const { input, kept, without, preview, remove, flag } = parts(drop);
  const file = input.files[0];
  if (file) {
    const picture = Object.assign(new Image(), { className: "frame__picture", alt: "Your first frame" });
    picture.src = URL.createObjectURL(file);
    picture.onload = () => URL.revokeObjectURL(picture.src);
    preview.replaceChildren(picture);
  } else if (!kept || without.checked) {
    preview.replaceChildren(empty());
  }
  remove.hidden = !file;
  flag.value = file || (kept && !without.checked) ? "on" : "";
  drop.dispatchEvent(new Event("frame-changed", { bubbles: true }));
}

document.addEventListener("change", (event) => {
  const drop = event.target.closest?.("[data-drop]");
  if (drop) show(drop);
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drop-remove]");
  if (!button) return;
  const drop = button.closest("[data-drop]");
  parts(drop).input.value = "";
  parts(drop).preview.replaceChildren(empty());
  show(drop);
  parts(drop).input.focus();
});

for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const drop = event.target.closest?.("[data-drop]");
    if (!drop) return;
    event.preventDefault();
    drop.classList.toggle("drop--over", type === "dragover");
    if (type !== "drop" || !event.dataTransfer.files.length) return;
    parts(drop).input.files = event.dataTransfer.files;
    show(drop);
  });
}
