async function order(wish, key) {
  for (const seconds of [1, 2, 4, 8, 16]) {
    const answer = await fetch(`${api}/generations`, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json", "Idempotency-Key": key },
      body: JSON.stringify(wish),
    }).catch(() => null); // nobody knows whether it arrived: the key makes that harmless
    const later = answer ? answer.headers.get("Retry-After") : seconds;
    if (answer && !later) return answer.json();
    await new Promise((done) => setTimeout(done, later * 1000));
  }
  throw new Error("Reelay does not answer.");
}
