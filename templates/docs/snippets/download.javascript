import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";

const answer = await fetch(`${api}/generations/${id}/content`, { headers });
await pipeline(answer.body, createWriteStream("clip.mp4"));
