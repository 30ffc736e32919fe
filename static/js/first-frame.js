// <div data-drop> a file input, <div data-preview>, <button data-drop-remove hidden>,
//   <p data-drop-problem>, <div data-crop hidden> <select data-crop-ratio> <input data-crop-at> </div>
// <input name="image_url"> <input data-has-frame>
//
// Drop, paste or choose a picture: it is checked and seen at once, and cut to a shape that providers
// take. The file itself goes with the form, like any other.

import { asFile, cut, fileProblem, isLegal, part, sizeProblem } from "./crop.js";

const SHAPES = { "16/9": 16 / 9, "4/3": 4 / 3, 1: 1, "3/4": 3 / 4, "9/16": 9 / 16 };
const opened = new WeakMap(); // drop → the picture as it was given: { file, bitmap }

const empty = () => Object.assign(document.createElement("span"), { className: "drop__empty", ariaHidden: "true", textContent: "+" });

function picture(file) {
  const shown = Object.assign(new Image(), { className: "frame__picture", alt: "Your first frame" });
  shown.src = URL.createObjectURL(file);
  shown.onload = () => URL.revokeObjectURL(shown.src);
  return shown;
}

function parts(drop) {
  const find = (selector) => drop.querySelector(selector);
  return {
    input: find('input[type="file"]'),
    kept: find('[name="upload"]'),
    without: find('[name="without_frame"]'),
    preview: find("[data-preview]"),
    remove: find("[data-drop-remove]"),
    problem: find("[data-drop-problem]"),
    crop: find("[data-crop]"),
    ratio: find("[data-crop-ratio]"),
    at: find("[data-crop-at]"),
    flag: drop.parentElement.querySelector("[data-has-frame]"),
    address: drop.parentElement.querySelector('[name="image_url"]'),
  };
}

function settle(drop) {
  const { input, kept, without, preview, remove, flag, address } = parts(drop);
  const file = input.files.length > 0;
  const before = kept && !without.checked;
  if (!file && !before) preview.replaceChildren(empty());
  remove.hidden = !file;
  flag.value = file || before || address.value.trim() ? "on" : "";
  drop.dispatchEvent(new Event("frame-changed", { bubbles: true }));
}

function put(drop, file) {
  const basket = new DataTransfer();
  if (file) basket.items.add(file);
  parts(drop).input.files = basket.files;
}

function refuse(drop, words) {
  opened.delete(drop);
  put(drop, null);
  parts(drop).problem.textContent = words;
  parts(drop).crop.hidden = true;
  settle(drop);
}

async function open(drop, file) {
  const { problem, ratio, at, crop } = parts(drop);
  problem.textContent = "";
  if (fileProblem(file)) return refuse(drop, fileProblem(file));
  const bitmap = await createImageBitmap(file).catch(() => null);
  if (!bitmap) return refuse(drop, "This file cannot be opened as a picture.");
  if (sizeProblem(bitmap)) return refuse(drop, sizeProblem(bitmap));
  opened.set(drop, { file, bitmap });
  [ratio.value, at.value, crop.hidden] = ["", 50, false];
  if (!isLegal(bitmap)) {
    ratio.value = bitmap.width > bitmap.height ? "16/9" : "9/16";
    problem.textContent = "Its shape is beyond 2:5 to 5:2, so it is cut. Choose which part below.";
  }
  return shape(drop);
}

async function shape(drop) {
  if (!opened.has(drop)) return;
  const { preview, ratio, at, problem } = parts(drop);
  const { file, bitmap } = opened.get(drop);
  const wished = SHAPES[ratio.value];
  if (!wished && !isLegal(bitmap)) {
    ratio.value = bitmap.width > bitmap.height ? "16/9" : "9/16";
    return shape(drop);
  }
  at.disabled = !wished;
  let sent = file;
  if (wished) {
    const area = part(bitmap, wished, Number(at.value) / 100);
    const small = sizeProblem({ width: area.w, height: area.h });
    if (small) problem.textContent = `Cut like this, ${small[0].toLowerCase()}${small.slice(1)}`;
    sent = await asFile(cut(bitmap, area), file);
  }
  preview.replaceChildren(picture(sent));
  put(drop, sent);
  settle(drop);
}

document.addEventListener("change", (event) => {
  const drop = event.target.closest?.("[data-drop]");
  if (!drop || !event.isTrusted && !event.target.files) return;
  if (event.target.matches('input[type="file"]')) {
    const [file] = event.target.files;
    if (file) open(drop, file);
    else refuse(drop, "");
  } else if (event.target.matches("[data-crop-ratio], [data-crop-at]")) shape(drop);
  else settle(drop);
});

document.addEventListener("input", (event) => {
  if (event.target.matches?.("[data-crop-at]")) shape(event.target.closest("[data-drop]"));
  if (event.target.matches?.('[name="image_url"]')) {
    for (const drop of document.querySelectorAll("[data-drop]")) settle(drop);
  }
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-drop-remove]");
  if (!button) return;
  const drop = button.closest("[data-drop]");
  refuse(drop, "");
  parts(drop).input.focus();
});

document.addEventListener("paste", (event) => {
  const drop = document.querySelector("[data-drop]");
  const [file] = event.clipboardData?.files ?? [];
  if (!drop || !file) return;
  event.preventDefault();
  open(drop, file);
});

for (const type of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const drop = document.querySelector("[data-drop]");
    if (!drop || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault(); // anywhere on the page, so that a near miss does not leave the form
    drop.classList.toggle("drop--over", type === "dragover");
    if (type === "drop" && event.dataTransfer.files.length) open(drop, event.dataTransfer.files[0]);
  });
}
