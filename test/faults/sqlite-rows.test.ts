import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect } from "vitest";
import type { Stage3Queue } from "../../src/index.ts";
import { openHere } from "../fixtures/faulty-database.ts";
import { until } from "../fixtures/told.ts";
import { testFault } from "../support/fault.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** What is done to the row of one task, whose id is the parameter. */
const DAMAGES = {
  "its long arguments are gone": "DELETE FROM long_args WHERE task = (SELECT key FROM tasks WHERE id = ?)",
  "its arguments are NULL": "UPDATE tasks SET args = NULL WHERE id = ?",
  "its arguments are no JSON": "UPDATE tasks SET args = '[1, 2' WHERE id = ?",
  "its arguments are no array": `UPDATE tasks SET args = '{"length":1}' WHERE id = ?`,
  "its attempt is no number that JavaScript has": "UPDATE tasks SET attempt = 9007199254740993 WHERE id = ?",
  "its epoch is no number that JavaScript has": "UPDATE tasks SET epoch = -9223372036854775808 WHERE id = ?",
  "its time is no number that JavaScript has": "UPDATE tasks SET enqueued_at = 9223372036854775807 WHERE id = ?",
} as const;

function change(file: string, run: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(file);
  try {
    run(database);
  } finally {
    database.close();
  }
}

function isLong(damage: string): boolean {
  return damage.includes("long");
}

async function enqueue(stage3: Stage3Queue, damage: string): Promise<string> {
  return stage3.broker.enqueue("default", "take", [isLong(damage) ? "x".repeat(3_000) : "x"]);
}

testFault(
  {
    area: "sqlite",
    fault: "rows that cannot be read",
    injected: "of queued tasks, arguments deleted, NULL, no JSON, no array; numbers beyond those of JavaScript",
    holds:
      "each is in the dead-letter queue with TASK_UNREADABLE, and shown there; all others run, and readiness is on",
  },
  async () => {
    const file = join(temporaryFolder(), "queue.db");
    const stage3 = await openHere(file, { take: (text: string) => text.length });
    const failed: string[] = [];
    stage3.events.on("failed", ({ taskId, code, restart }) => void failed.push(`${taskId} ${code} ${restart}`));
    const before = await stage3.broker.enqueue("default", "take", ["x"]);
    const bad = new Map<string, string>();
    for (const damage of Object.keys(DAMAGES)) bad.set(damage, await enqueue(stage3, damage));
    const behind = await Promise.all(Array.from({ length: 20 }, () => enqueue(stage3, "")));
    change(file, (database) => {
      for (const [damage, sql] of Object.entries(DAMAGES)) database.prepare(sql).run(bad.get(damage) ?? "");
    });
    await stage3.start();
    for (const id of [before, ...behind]) expect(await stage3.broker.result(id)).toBe(1);
    const unreadable = [...bad].filter(([damage]) => !damage.includes("time"));
    for (const [damage, id] of unreadable) {
      const refused = { code: "TASK_UNREADABLE" };
      await expect(stage3.broker.result(id), damage).rejects.toMatchObject(refused);
      expect(failed).toContain(`${id} TASK_UNREADABLE false`);
    }
    const page = await stage3.broker.dlq.list();
    expect(new Set(page.map(({ id }) => id))).toEqual(new Set(unreadable.map(([, id]) => id)));
    for (const { failures } of page) expect(failures).toMatchObject([{ code: "TASK_UNREADABLE" }]);
    // What is wrong with this one is nothing that a run needs.
    expect(await stage3.broker.result(bad.get("its time is no number that JavaScript has") ?? "")).toBe(1);
    expect(await stage3.isReady()).toBe(true);
    expect(await stage3.broker.queues()).toMatchObject([
      { queued: 0, running: 0, inDeadLetterQueue: unreadable.length },
    ]);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "rows that cannot be read, and are aborted",
    injected: "of queued tasks, numbers beyond those of JavaScript, and marks that are neither set nor unset",
    holds: "each can be aborted; one whose mark of an abort is neither, and runs, ends as aborted; counters are true",
  },
  async () => {
    const file = join(temporaryFolder(), "queue.db");
    const stage3 = await openHere(file, { take: (text: string) => text.length });
    const columns = ["attempt", "epoch", "requeued", "sequence"];
    const ids = await Promise.all(columns.map((column) => enqueue(stage3, column)));
    const marked = await Promise.all(["-1", "9223372036854775807"].map((mark) => enqueue(stage3, mark)));
    change(file, (database) => {
      for (const [at, column] of columns.entries()) {
        database.prepare(`UPDATE tasks SET ${column} = 9223372036854775807 WHERE id = ?`).run(ids[at] ?? "");
      }
      const mark = database.prepare("UPDATE tasks SET abort_requested = ? WHERE id = ?");
      mark.run(-1, marked[0] ?? "");
      mark.run(9_223_372_036_854_775_807n, marked[1] ?? "");
    });
    for (const [at, id] of ids.entries()) expect(await stage3.broker.abort(id), columns[at]).toBe(true);
    await stage3.start();
    for (const id of marked) await expect(stage3.broker.result(id)).rejects.toMatchObject({ code: "TASK_ABORTED" });
    expect(await stage3.broker.queues()).toMatchObject([{ queued: 0, running: 0, finished: 0, aborted: 6 }]);
  },
);

testFault(
  {
    area: "sqlite",
    fault: "rows that cannot be read, in lists",
    injected: "of dead letters, arguments deleted, a failure's code unknown; a policy and a result that are no JSON",
    holds: "pages, queues and other tasks are answered, with what can be shown of these",
  },
  async () => {
    const file = join(temporaryFolder(), "queue.db");
    const stage3 = await openHere(file, {
      take: (text: string) => text.length,
      fail() {
        throw new Error("It failed.");
      },
    });
    await stage3.start();
    const finished = await stage3.broker.enqueue("default", "take", ["x"]);
    const ids = await Promise.all(
      Array.from({ length: 3 }, (_, at) =>
        stage3.broker.enqueue("default", "fail", [at === 0 ? "x".repeat(3_000) : "x"], { maxRestarts: 0 }),
      ),
    );
    await until("all ends", async () => (await stage3.broker.dlq.list()).length === 3);
    expect(await stage3.broker.result(finished)).toBe(1);
    change(file, (database) => {
      database.exec(`
        DELETE FROM long_args;
        UPDATE tasks SET result = '{"a' WHERE state = 'finished';
        UPDATE functions SET policy = '{';
        INSERT INTO topic_counts (topic, state, tasks) VALUES ('default', 'lost', 1);
      `);
      const failure = "UPDATE failures SET code = 'LATER' WHERE task = (SELECT key FROM tasks WHERE id = ?)";
      database.prepare(failure).run(ids[1] ?? "");
    });
    const anew = await openHere(file);
    const page = await anew.broker.dlq.list();
    expect(new Set(page.map(({ id }) => id))).toEqual(new Set(ids));
    expect(page.map(({ failures }) => failures[0]?.message)).toEqual(Array(3).fill("It failed."));
    expect(await anew.broker.get(ids[0] ?? "")).toMatchObject({ status: "in_dead_letter_queue", args: [] });
    expect(await anew.broker.get(finished)).toMatchObject({ status: "finished" });
    await expect(anew.broker.result(finished)).rejects.toMatchObject({ code: "TASK_UNREADABLE" });
    expect(await anew.broker.queues()).toMatchObject([{ finished: 1, inDeadLetterQueue: 3 }]);
  },
);
