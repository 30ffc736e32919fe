const ordered = await fetch("https://reelay.example/api/v1/generations", {
  method: "POST",
  headers: {
    Authorization: `Bearer ${process.env.REELAY_KEY}`,
    "Content-Type": "application/json",
    "Idempotency-Key": "order-A-1017",
  },
  body: JSON.stringify({
    model: "hailuo-2.3",
    prompt: "A red kite over a harbour at dawn. [Pan left, Pedestal up]",
    resolution: "768P",
    duration: 6,
    tags: ["harbour"],
    metadata: { order: "A-1017" },
  }),
});
let clip = await ordered.json();
console.log(clip.id, clip.quoted);
