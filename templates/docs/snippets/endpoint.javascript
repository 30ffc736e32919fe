// npm install standardwebhooks
import { Webhook } from "standardwebhooks";

export function receive(headers, body) {
  // throws for what is not from us, or too old
  const event = new Webhook(process.env.REELAY_WEBHOOK_SECRET).verify(body, headers);
  console.log(event.id, event.type); // act once per id: it may come again
}
