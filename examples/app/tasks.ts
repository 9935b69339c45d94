import { defineTasks, task } from "stage3queue/tasks";
import { sendEmails } from "./email/send-emails.ts";
import { countPrimes } from "./primes/count-primes.ts";
import { generateReport } from "./report/generate-report.ts";

// The names by which tasks are enqueued. Arguments are type-checked against these functions.
export default defineTasks({
  // Runs where its queue says: it waits for the network most of the time.
  "send emails": sendEmails,

  // These two compute, so they run in a process of their own whichever queue they are put in.
  "generate report": task({ isolation: "process", timeout: "1m" }, generateReport),
  "count primes": task({ isolation: "process" }, countPrimes),
});
