// npm install openai
import { writeFile } from "node:fs/promises";
import OpenAI from "openai";

const client = new OpenAI({
  baseURL: "https://reelay.example/v1",
  apiKey: process.env.REELAY_KEY,
});
let video = await client.videos.create({
  model: "hailuo-2.3",
  prompt: "A red kite over a harbour.",
  seconds: "6",
});
while (["queued", "in_progress"].includes(video.status)) {
  await new Promise((done) => setTimeout(done, 5000));
  video = await client.videos.retrieve(video.id);
}
const content = await client.videos.downloadContent(video.id);
await writeFile("clip.mp4", Buffer.from(await content.arrayBuffer()));
