const answer = await fetch(`${api}/generations/${id}/cancel`, {
  method: "POST",
  headers,
});
if (answer.status === 409) console.log((await answer.json()).code);

await fetch(`${api}/generations/${id}`, { method: "DELETE", headers });
