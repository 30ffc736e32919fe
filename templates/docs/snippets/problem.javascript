const answer = await fetch(`${api}/generations`, {
  method: "POST",
  headers: { ...headers, "Content-Type": "application/json" },
  body: JSON.stringify({
    model: "hailuo-2.3", prompt: "A kite.", resolution: "1080P", duration: 10,
  }),
});
if (!answer.ok) {
  const problem = await answer.json();
  console.error(problem.code, problem.detail, problem.request_id);
  for (const error of problem.errors) console.error(error.field, error.message);
}
