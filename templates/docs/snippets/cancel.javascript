const canceled = await fetch(`${api}/generations/${clip.id}/cancel`, {
  method: "POST",
  headers,
});
if (canceled.status === 409) console.log((await canceled.json()).code);

await fetch(`${api}/generations/${clip.id}`, { method: "DELETE", headers });
