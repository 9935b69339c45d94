import { currentTask, defineTasks, task } from "stage3queue/tasks";
import { mailer } from "./mailer.ts";

export default defineTasks({
  "send welcome": task({ timeout: "10s", maxRestarts: 2 }, async (address: string) => {
    await mailer.send(address, "Welcome!", currentTask().signal);
  }),

  async "send newsletter"(addresses: string[]) {
    const { signal, progress, log } = currentTask();
    for (const [index, address] of addresses.entries()) {
      signal.throwIfAborted();
      await mailer.send(address, "News!", signal);
      progress((index + 1) / addresses.length);
    }
    log("sent", { count: addresses.length });
    return addresses.length;
  },
});
