// Impossible combinations are disabled, and the reason stands beside them.
//
//   <div data-sizes="768P/6 768P/10 1080P/6"> radios "resolution" and "duration" </div>
//   radios "model" with data-modes="text-to-video image-to-video"
//   radios "policy" and "provider" beside a <span class="rate" data-off> that says why not
//   <span data-why> inside a choice: the reason, shown only while it is disabled

function chosen(form, name) {
  return form.querySelector(`[name="${name}"]:checked`)?.value;
}

function limitSizes(form) {
  const sizes = form.querySelector("[data-sizes]")?.dataset.sizes.split(" ") ?? [];
  const allow = (radio, size) => (radio.disabled = !radio.checked && !sizes.includes(size));
  for (const radio of form.querySelectorAll('[name="resolution"]')) {
    allow(radio, `${radio.value}/${chosen(form, "duration")}`);
  }
  for (const radio of form.querySelectorAll('[name="duration"]')) {
    allow(radio, `${chosen(form, "resolution")}/${radio.value}`);
  }
}

function limitModels(form) {
  const mode = form.querySelector("[data-has-frame]")?.value ? "image-to-video" : "text-to-video";
  for (const radio of form.querySelectorAll('[name="model"]')) {
    radio.disabled = !radio.dataset.modes.split(" ").includes(mode);
  }
  const taken = form.querySelector('[name="model"]:checked:enabled');
  const free = form.querySelector('[name="model"]:enabled');
  if (!taken && free) free.checked = true;
}

function limitMakers(form) {
  for (const radio of form.querySelectorAll('[name="policy"], [name="provider"]')) {
    const off = radio.closest("label").querySelector("[data-off]");
    radio.disabled = !radio.checked && Boolean(off);
  }
}

function limit() {
  for (const form of document.querySelectorAll("[data-order]")) {
    limitMakers(form);
    limitSizes(form);
    limitModels(form);
  }
}

limit();
document.addEventListener("change", limit);
document.addEventListener("frame-changed", limit);
document.addEventListener("htmx:load", limit);
