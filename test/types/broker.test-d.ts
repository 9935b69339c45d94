// Checked by the compiler alone: what is wrong here has to be marked as an error.
import type { Broker, Task, TaskId } from "stage3queue";
import { defineTasks, task } from "stage3queue/tasks";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

const tasks = defineTasks({
  async "send emails"(from: string, to: string[]) {
    return { from, sent: to.length };
  },
  fibonacci: task({ timeout: "30s" }, (n: number) => n),
});

export async function typed(broker: Broker<typeof tasks>): Promise<void> {
  const sent = await broker.enqueue("emails", "send emails", ["a@example.com", []]);
  const text: string = sent;
  const result = await broker.result(sent);
  holds<Equal<typeof result, { from: string; sent: number }>>();
  const number = await broker.result(await broker.enqueue("default", "fibonacci", [40]), { timeout: "30s" });
  holds<Equal<typeof number, number>>();
  const whole = await broker.get(sent);
  holds<Equal<typeof whole, Task<{ from: string; sent: number }> | undefined>>();
  const sentSoFar = whole?.result?.sent;
  holds<Equal<typeof sentSoFar, number | undefined>>();
  // An id that comes from elsewhere says nothing of its task.
  const other = await broker.get(text);
  holds<Equal<typeof other, Task | undefined>>();
  const unknown = await broker.result(text);
  holds<Equal<typeof unknown, unknown>>();
  const said = await broker.result<number>(text);
  holds<Equal<typeof said, number>>();
  holds<Equal<typeof sent, TaskId<{ from: string; sent: number }>>>();
  const many = await broker.enqueueMany("emails", [
    ["send emails", ["a@example.com", []]],
    ["fibonacci", [40], { priority: 1 }],
  ]);
  holds<Equal<typeof many, [TaskId<{ from: string; sent: number }>, TaskId<number>]>>();
  const numbers = await broker.enqueueMany(
    "default",
    [1, 2, 3].map((n) => ["fibonacci", [n]] as const),
  );
  holds<Equal<typeof numbers, TaskId<number>[]>>();
  // @ts-expect-error: no such function
  await broker.enqueueMany("emails", [["send email", ["a@example.com", []]]]);
  // @ts-expect-error: the arguments of another function
  await broker.enqueueMany("emails", [["send emails", [40]]]);
  // @ts-expect-error: an unknown option
  await broker.result(sent, { timeOut: 1 });
}

export async function untyped(broker: Broker): Promise<void> {
  const result = await broker.result(await broker.enqueue("emails", "anything", []));
  const [first] = await broker.enqueueMany("emails", [["anything", [1, "two"]]]);
  holds<Equal<typeof first, TaskId>>();
  holds<Equal<typeof result, unknown>>();
}
