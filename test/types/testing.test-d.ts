// Checked by the compiler alone: what is wrong here has to be marked as an error.
import { Broker } from "stage3queue";
import { defineTasks, task } from "stage3queue/tasks";
import {
  type AsymmetricMatcher,
  type Expected,
  type HandlerRun,
  matching,
  openTestQueue,
  runHandler,
  type TestQueue,
} from "stage3queue/testing";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

const emails = defineTasks({
  async "send emails"(from: string, to: string[], options?: { loud: boolean }) {
    return { from, sent: to.length, options };
  },
  fibonacci: task({ timeout: "30s" }, (n: number) => n),
});
const reports = defineTasks({ "generate report": (year: number) => year });
type Emails = typeof emails;
type Both = typeof emails & typeof reports;

// The tasks tell their type by themselves.
const stage3 = await openTestQueue({ tasks: emails, queues: { emails: { maxRestarts: 2 } }, now: new Date(0) });
holds<Equal<typeof stage3, TestQueue<Emails>>>();
holds<Equal<typeof stage3.broker, Broker<Emails>>>();

// A module does not; neither do several.
const byUrl = await openTestQueue<Emails>({ tasks: new URL("./tasks.ts", import.meta.url) });
holds<Equal<typeof byUrl, TestQueue<Emails>>>();
const both = await openTestQueue<Both>({ tasks: emails, queues: { reports: { tasks: reports } } });
both.expectEnqueued("reports", "generate report", [2026]);
const untyped = await openTestQueue({ tasks: new URL("./tasks.ts", import.meta.url) });
untyped.expectEnqueued("anything", "anything", [1, "two", { three: 3 }]);

declare const matcher: AsymmetricMatcher;
stage3.expectEnqueued("emails", "send emails");
stage3.expectEnqueued("emails", "send emails", ["a", ["b"]], { priority: 1, times: 2 });
stage3.expectEnqueued("emails", "send emails", ["a", ["b"], { loud: matcher }]);
stage3.expectEnqueued("emails", "send emails", [matcher, matcher]);
stage3.expectEnqueued("emails", "send emails", ["a", [matching((to: string) => to !== "")]]);
stage3.expectEnqueued("emails", "send emails", matcher);
stage3.expectNotEnqueued("emails", "fibonacci", [1]);
// @ts-expect-error: no such function
stage3.expectEnqueued("emails", "send email");
// @ts-expect-error: an argument is missing
stage3.expectEnqueued("emails", "send emails", ["a"]);
// @ts-expect-error: a wrong type
stage3.expectEnqueued("emails", "send emails", ["a", [1]]);
// @ts-expect-error: an unknown option
stage3.expectEnqueued("emails", "fibonacci", [1], { isolation: "process" });
// @ts-expect-error: no such function
stage3.expectNotEnqueued("emails", "send email");
// @ts-expect-error: an unknown option
await openTestQueue({ tasks: emails, topics: {} });

holds<Equal<Expected<string>, string | AsymmetricMatcher>>();

const run = await runHandler(emails, "send emails", ["a", ["b"]]);
holds<Equal<typeof run, HandlerRun<{ from: string; sent: number; options: { loud: boolean } | undefined }>>>();
const alone = await runHandler(emails.fibonacci, [4], { attempt: 2, signal: AbortSignal.abort() });
holds<Equal<typeof alone, HandlerRun<number>>>();
const plain = await runHandler(async (a: string) => a.length, ["a"]);
holds<Equal<typeof plain, HandlerRun<number>>>();
// @ts-expect-error: a wrong type
await runHandler(emails, "fibonacci", ["4"]);
// @ts-expect-error: a wrong type
await runHandler(emails.fibonacci, ["4"]);
// @ts-expect-error: no such function
await runHandler(emails, "fibonaci", [4]);
