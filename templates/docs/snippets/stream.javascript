const stream = await fetch(`${api}/generations/${clip.id}/events`, { headers });
let rest = "";
for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + part).split("\n");
  rest = lines.pop();
  for (const line of lines)
    if (line.startsWith("data:")) console.log(JSON.parse(line.slice(5)).type);
}
