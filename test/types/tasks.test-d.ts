// Checked by the compiler alone: what is wrong here has to be marked as an error.
import {
  type ArgumentsOf,
  defineTasks,
  type FunctionNames,
  type ResultOf,
  task,
  type TaskHandlers,
} from "stage3queue/tasks";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

const emails = defineTasks({
  async "send emails"(from: string, to: string[]) {
    return { from, sent: to.length };
  },
  nothing() {},
  fibonacci: task({ timeout: "30s", maxRestarts: 2 }, (n: number) => n),
  later: task({ isolation: "inline" }, async (at: string, options?: { loud: boolean }) => [at, options?.loud]),
  large: task({ isolation: "thread", maxMemory: "512mb" }, () => {}),
  all: (...values: number[]) => values.length,
});
const reports = defineTasks({ "generate report": (year: number) => year });
type Emails = typeof emails;
type Both = typeof emails & typeof reports;

holds<Equal<FunctionNames<Emails>, "send emails" | "nothing" | "fibonacci" | "later" | "large" | "all">>();
holds<Equal<ArgumentsOf<Emails, "send emails">, readonly [from: string, to: string[]]>>();
holds<Equal<ArgumentsOf<Emails, "nothing">, readonly []>>();
holds<Equal<ArgumentsOf<Emails, "fibonacci">, readonly [n: number]>>();
holds<Equal<ArgumentsOf<Emails, "later">, readonly [at: string, options?: { loud: boolean } | undefined]>>();
holds<Equal<ArgumentsOf<Emails, "all">, readonly number[]>>();
holds<Equal<ResultOf<Emails, "send emails">, { from: string; sent: number }>>();
holds<Equal<ResultOf<Emails, "nothing">, void>>();
holds<Equal<ResultOf<Emails, "fibonacci">, number>>();
holds<Equal<ResultOf<Emails, "later">, (string | boolean | undefined)[]>>();

holds<Equal<FunctionNames<Both>, FunctionNames<Emails> | "generate report">>();
holds<Equal<ArgumentsOf<Both, "generate report">, readonly [year: number]>>();
holds<Equal<ArgumentsOf<Both, "fibonacci">, readonly [n: number]>>();

// Without a type parameter: any name, any arguments.
holds<Equal<FunctionNames<TaskHandlers>, string>>();
holds<Equal<ArgumentsOf<TaskHandlers, string>, readonly unknown[]>>();
holds<Equal<ResultOf<TaskHandlers, string>, unknown>>();

declare function enqueue<Tasks extends TaskHandlers = TaskHandlers>(): <Name extends FunctionNames<Tasks>>(
  name: Name,
  args: ArgumentsOf<Tasks, Name>,
) => ResultOf<Tasks, Name>;

const typed = enqueue<Both>();
typed("send emails", ["a@example.com", ["b@example.com"]]);
typed("fibonacci", [40]);
typed("later", ["now"]);
typed("later", ["now", { loud: true }]);
typed("generate report", [2026]);
// @ts-expect-error: no such function
typed("send email", ["a@example.com", []]);
// @ts-expect-error: an argument is missing
typed("send emails", ["a@example.com"]);
// @ts-expect-error: a wrong type
typed("send emails", ["a@example.com", "b@example.com"]);
// @ts-expect-error: a wrong type, behind task()
typed("fibonacci", ["40"]);
// @ts-expect-error: one argument too many
typed("nothing", [1]);

const untyped = enqueue();
untyped("anything", [1, "two", { three: 3 }]);
// @ts-expect-error: the arguments are a list
untyped("anything", "one");

// @ts-expect-error: no function
defineTasks({ a: 1 });
// @ts-expect-error: an unknown option
task({ timeOut: "30s" }, () => {});
// @ts-expect-error: a size is a number or a string
task({ maxMemory: true }, () => {});
// @ts-expect-error: no such isolation
task({ isolation: "fork" }, () => {});
