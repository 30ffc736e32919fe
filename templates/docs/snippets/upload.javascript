import { openAsBlob } from "node:fs";

const form = new FormData();
form.set("file", await openAsBlob("frame.jpg"), "frame.jpg");
const upload = await (
  await fetch(`${api}/uploads`, { method: "POST", headers, body: form })
).json();

const clip = await fetch(`${api}/generations`, {
  method: "POST",
  headers: { ...headers, "Content-Type": "application/json" },
  body: JSON.stringify({
    model: "hailuo-2.3-fast",
    prompt: "The boat leaves.",
    first_frame_image: upload.id,
  }),
});
