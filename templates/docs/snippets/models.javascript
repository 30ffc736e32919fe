const models = await (await fetch(`${api}/models`, { headers })).json();
for (const model of models.data)
  for (const route of model.routes)
    console.log(model.id, route.resolution, route.duration, route.price);
