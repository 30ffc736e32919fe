const final = ["succeeded", "failed", "canceled"];
while (!final.includes(clip.status)) {
  await new Promise((done) => setTimeout(done, 2000));
  const answer = await fetch(`${api}/generations/${clip.id}`, {
    headers: { ...headers, Prefer: "wait=60" },
  });
  clip = await answer.json();
  console.log(clip.stage, clip.progress, clip.eta);
}
