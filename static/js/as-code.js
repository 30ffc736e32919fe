// <details data-as-code="#form" data-api="https://…/api/v1"> <button data-language="curl">… <code id="as-code">
//
// The form as a request of the public API, kept in step while it is filled in. With data-as-code="" the
// request is the JSON that stands in the page already (a clip's own).

const KEY = "REELAY_API_KEY";

const LANGUAGES = {
  curl: (api, body) => [
    `curl ${api}/generations \\`,
    `  -H "Authorization: Bearer $${KEY}" \\`,
    "  -H 'Content-Type: application/json' \\",
    "  -H \"Idempotency-Key: $(uuidgen)\" \\",
    `  -d '${JSON.stringify(body, null, 2).replaceAll("'", "'\\''")}'`,
  ].join("\n"),

  python: (api, body) => [
    "import os, uuid, httpx",
    "",
    "answer = httpx.post(",
    `    "${api}/generations",`,
    `    headers={"Authorization": f"Bearer {os.environ['${KEY}']}", "Idempotency-Key": str(uuid.uuid4())},`,
    `    json=${python(body)},`,
    ")",
    "print(answer.json())",
  ].join("\n"),

  javascript: (api, body) => [
    `const answer = await fetch("${api}/generations", {`,
    '  method: "POST",',
    "  headers: {",
    `    Authorization: \`Bearer \${process.env.${KEY}}\`,`,
    '    "Content-Type": "application/json",',
    '    "Idempotency-Key": crypto.randomUUID(),',
    "  },",
    `  body: JSON.stringify(${JSON.stringify(body, null, 2).replaceAll("\n", "\n  ")}),`,
    "});",
    "console.log(await answer.json());",
  ].join("\n"),
};

function python(body) {
  const word = (value) => (typeof value === "boolean" ? (value ? "True" : "False") : JSON.stringify(value));
  const lines = Object.entries(body).map(([name, value]) => `        ${JSON.stringify(name)}: ${word(value)},`);
  return ["{", ...lines, "    }"].join("\n");
}

/** Only what is not the API's default, after the few that everybody names. */
function request(form) {
  const value = (name) => form.elements[name]?.value ?? "";
  const body = {
    model: value("model"),
    prompt: value("prompt"),
    resolution: value("resolution"),
    duration: Number(value("duration")),
  };
  const frame = picture(form);
  if (frame) body.first_frame_image = frame;
  if (!form.elements.prompt_optimizer.checked) body.prompt_optimizer = false;
  if (value("provider") !== "auto") body.provider = value("provider");
  if (value("policy") !== "cheapest") body.policy = value("policy");
  if (value("count") !== "1") body.count = Number(value("count"));
  return body;
}

function picture(form) {
  const { upload, without_frame: without, first_frame: file, image_url: address } = form.elements;
  if (file.files.length) return "upl_… (POST the file to /uploads first)";
  if (upload && !without.checked) return upload.value;
  return address.value.trim();
}

function show(box) {
  const form = box.dataset.asCode && document.querySelector(box.dataset.asCode);
  box.request ??= form ? null : JSON.parse(box.querySelector("code").textContent);
  const language = box.querySelector('[data-language][aria-pressed="true"]').dataset.language;
  const body = form ? request(form) : box.request;
  box.querySelector("code").textContent = LANGUAGES[language](box.dataset.api, body);
}

function showAll() {
  for (const box of document.querySelectorAll("[data-as-code]")) show(box);
}

document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-language]");
  if (!tab) return;
  const box = tab.closest("[data-as-code]");
  for (const other of box.querySelectorAll("[data-language]")) {
    other.setAttribute("aria-pressed", String(other === tab));
  }
  show(box);
});

for (const type of ["input", "change", "frame-changed", "htmx:load"]) document.addEventListener(type, showAll);
showAll();
