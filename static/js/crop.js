// Is a picture good for a first frame, and how it is cut. No library: the browser decodes, a canvas
// cuts. The rules are the server's (generations/media/images.py), which judges again.

const KINDS = ["image/jpeg", "image/png", "image/webp"];
const MOST_BYTES = 20 * 1024 * 1024;
const SHORTEST = 300;
const MOST_PIXELS = 25e6;
const [NARROWEST, WIDEST] = [2 / 5, 5 / 2];

export function isLegal({ width, height }) {
  const ratio = width / height;
  return ratio >= NARROWEST && ratio <= WIDEST;
}

/** What is wrong with a file before it is opened; "" where nothing is. */
export function fileProblem(file) {
  if (!KINDS.includes(file.type)) return `${file.name || "This"} is not a JPEG, PNG or WebP.`;
  if (file.size >= MOST_BYTES) return "This picture is 20 MB or more. Take a smaller one.";
  return "";
}

/** What is wrong with an opened one, its shape left aside. */
export function sizeProblem({ width, height }) {
  if (Math.min(width, height) <= SHORTEST) {
    return `It is ${width} × ${height}; its short side must have more than ${SHORTEST} pixels.`;
  }
  return width * height > MOST_PIXELS ? `It is ${width} × ${height}: more than 25 million pixels.` : "";
}

/** The largest part of that ratio; `at`, 0 to 1, says where along the side that is cut. */
export function part({ width, height }, ratio, at) {
  const wide = width / height > ratio;
  const w = wide ? Math.round(height * ratio) : width;
  const h = wide ? height : Math.round(width / ratio);
  return { x: Math.round((width - w) * (wide ? at : 0)), y: Math.round((height - h) * (wide ? 0 : at)), w, h };
}

export function cut(bitmap, { x, y, w, h }) {
  const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
  canvas.getContext("2d").drawImage(bitmap, x, y, w, h, 0, 0, w, h);
  return canvas;
}

export function asFile(canvas, { name, type }) {
  const kind = type === "image/png" ? type : "image/jpeg";
  return new Promise((done) => {
    canvas.toBlob((blob) => done(new File([blob], name || "first-frame", { type: kind })), kind, 0.95);
  });
}
