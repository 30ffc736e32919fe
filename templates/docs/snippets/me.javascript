const api = "https://reelay.example/api/v1";
const headers = { Authorization: `Bearer ${process.env.REELAY_KEY}` };

const me = await (await fetch(`${api}/me`, { headers })).json();
console.log(me.workspace.name);
