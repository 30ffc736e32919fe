const answer = await fetch(`${api}/wallet/top-ups`, {
  method: "POST",
  headers: {
    ...headers,
    "Content-Type": "application/json",
    "Idempotency-Key": "november-refill",
  },
  body: JSON.stringify({ amount: "25.00", charge_saved_card: true }),
});
console.log((await answer.json()).status);
