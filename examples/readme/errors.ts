import { Stage3Error, Stage3Queue } from "stage3queue";

const stage3 = await Stage3Queue.open({ database: "memory:" });
try {
  await stage3.broker.enqueue("emails", "send emails", []);
} catch (error) {
  if (!(error instanceof Stage3Error)) throw error;
  console.log(error.code); // "TOPIC_NOT_FOUND"
}
await stage3.stop();
