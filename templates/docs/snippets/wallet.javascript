const get = async (path) => (await fetch(api + path, { headers })).json();

console.log((await get("/wallet")).available);
for (const row of (await get("/wallet/transactions?limit=5")).data)
  console.log(row.type, row.amount);
for (const row of (await get("/usage?by=day,model")).data)
  console.log(row.day, row.model, row.amount, row.charges);
