import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const file = await fetch(`${api}/generations/${clip.id}/content`, { headers });
await pipeline(file.body, createWriteStream("clip.mp4"));
