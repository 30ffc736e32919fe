const send = (path, body) =>
  fetch(`${api}${path}`, {
    method: "POST",
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  }).then((answer) => answer.json());

const size = { model: "hailuo-2.3", resolution: "1080P", count: 4 };
const quote = await send("/quotes", size);
console.log(quote.price, "until", quote.expires_at);

const order = { ...size, prompt: "Rain on a tin roof.", quote: quote.id };
const batch = await send("/generations", order);
