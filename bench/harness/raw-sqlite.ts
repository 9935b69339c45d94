import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { MeasuredDurability } from "./row.ts";

const MIGRATIONS = new URL("../../migrations/sqlite/", import.meta.url);
const TOPIC = "default";
const WORKER = "01a20c67-72b7-7053-9449-a080ac8c2732";

/** A claimed row, as much of it as its end needs. */
interface Claimed {
  readonly key: number;
  readonly epoch: number;
}

/**
 * The measure to compare with: `node:sqlite` called straight from one thread with the same schema, pragmas and rows, in
 * transactions of a given size. It has no checks, counters, messages, handlers or leases.
 */
export class RawSqlite implements Disposable {
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;
  readonly #insertRunning: StatementSync;
  readonly #head: StatementSync;
  readonly #claim: StatementSync;
  readonly #finish: StatementSync;
  readonly #restart: StatementSync;
  readonly #insertFailure: StatementSync;
  readonly #state: StatementSync;
  /** Ids rise, as a queue's do: random ones would scatter over their index, and slow the comparison down. */
  readonly #idPrefix: string = newIdPrefix();
  #lastId = 0;
  #sequence = 0;

  /** Makes the file. */
  static create(file: string, durability: MeasuredDurability): RawSqlite {
    return new RawSqlite(openFile(file, durability, true));
  }

  /** Opens the file of an instance that has stopped. */
  static open(file: string, durability: MeasuredDurability): RawSqlite {
    return new RawSqlite(openFile(file, durability, false));
  }

  private constructor(database: DatabaseSync) {
    this.#database = database;
    this.#insert = database.prepare(`
      INSERT INTO tasks (id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, args)
      VALUES (?, '${TOPIC}', 'nothing', 10, 'ready', ?, 0, 0, ?, '[]')`);
    this.#insertRunning = database.prepare(`
      INSERT INTO tasks (
        id, topic, function, priority, state, sequence, attempt, epoch, enqueued_at, args,
        started_at, worker, resolved_max_restarts
      )
      VALUES (?, '${TOPIC}', 'nothing', 10, 'running', ?, 1, 1, ?, '[]', ?, '${WORKER}', 5)`);
    this.#head = database.prepare(`
      SELECT key, id, epoch, args
      FROM tasks
      WHERE topic = '${TOPIC}' AND state = 'ready'
      ORDER BY priority, sequence
      LIMIT ?`);
    this.#claim = database.prepare(`
      UPDATE tasks
      SET
        state = 'running', attempt = attempt + 1, epoch = epoch + 1, worker = '${WORKER}', started_at = ?,
        resolved_max_restarts = 5
      WHERE key = ? AND state = 'ready'`);
    this.#finish = database.prepare(`
      UPDATE tasks
      SET state = 'finished', ended_at = ?
      WHERE key = ? AND epoch = ? AND state = 'running'`);
    this.#restart = database.prepare(`
      UPDATE tasks
      SET state = 'ready', sequence = ?
      WHERE key = ? AND epoch = ? AND state = 'running'`);
    this.#insertFailure = database.prepare(`
      INSERT INTO failures (task, attempt, at, code, message)
      VALUES (?, 1, ?, 'TASK_FAILED', 'The first attempt fails.')`);
    this.#state = database.prepare(`SELECT state FROM tasks WHERE id = ?`);
  }

  /** Inserts tasks that wait, `batch` of them in a transaction. */
  enqueue(count: number, batch: number): void {
    for (let done = 0; done < count; done += batch) {
      this.#transaction(() => this.#insertMany(Math.min(batch, count - done)));
    }
  }

  /** Inserts one task that runs, in a transaction of its own: what an enqueue into a free slot needs. */
  start(): void {
    const now = Date.now();
    this.#transaction(() => this.#insertRunning.run(this.#nextId(), ++this.#sequence, now, now));
  }

  /** Claims and finishes tasks until none waits or `limit` are done; one transaction ends a batch and claims the next. */
  drain(batch: number, limit = Infinity, onTransaction: () => void = () => undefined): void {
    let claimed: readonly Claimed[] = [];
    let done = 0;
    do {
      const ended = claimed;
      const wanted = Math.min(batch, limit - done - ended.length);
      claimed = this.#transaction(() => {
        this.#finishMany(ended);
        return this.#claimMany(wanted);
      });
      done += ended.length;
      onTransaction();
    } while (claimed.length > 0);
  }

  /** Enqueues, asks for and drains `count` tasks, each `failEvery`th with a failure and a second run. */
  mixed(count: number, batch: number, failEvery: number): void {
    let running: readonly Claimed[] = [];
    let entered = 0;
    do {
      const ended = running;
      const size = Math.min(batch, count - entered);
      running = this.#transaction(() => {
        this.#endMany(ended, failEvery);
        const ids = this.#insertMany(size);
        for (const id of ids) this.#state.get(id);
        return this.#claimMany(batch);
      });
      entered += size;
    } while (running.length > 0);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #nextId(): string {
    return this.#idPrefix + (++this.#lastId).toString(16).padStart(12, "0");
  }

  #insertMany(count: number): string[] {
    const now = Date.now();
    const ids = Array.from({ length: count }, () => this.#nextId());
    for (const id of ids) this.#insert.run(id, ++this.#sequence, now);
    return ids;
  }

  #claimMany(count: number): Claimed[] {
    const now = Date.now();
    const rows = this.#head.all(count) as unknown as Claimed[];
    for (const { key } of rows) this.#claim.run(now, key);
    return rows.map(({ key, epoch }) => ({ key, epoch: epoch + 1 }));
  }

  #finishMany(tasks: readonly Claimed[]): void {
    const now = Date.now();
    for (const { key, epoch } of tasks) this.#finish.run(now, key, epoch);
  }

  #endMany(tasks: readonly Claimed[], failEvery: number): void {
    const now = Date.now();
    for (const { key, epoch } of tasks) {
      if (epoch > 1 || key % failEvery !== 0) {
        this.#finish.run(now, key, epoch);
        continue;
      }
      this.#insertFailure.run(key, now);
      this.#restart.run(++this.#sequence, key, epoch);
    }
  }

  #transaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    const result = work();
    this.#database.exec("COMMIT");
    return result;
  }
}

/** As in a UUID of version 7: the time, then chance. */
function newIdPrefix(): string {
  const time = Date.now().toString(16).padStart(12, "0");
  const chance = randomBytes(3).toString("hex");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${chance.slice(0, 3)}-8${chance.slice(3)}-`;
}

function openFile(file: string, durability: MeasuredDurability, isNew: boolean): DatabaseSync {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: true });
  database.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === "power-loss" ? "FULL" : "NORMAL"};
    PRAGMA fullfsync = ${durability === "power-loss" ? "ON" : "OFF"};
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -32000;
    PRAGMA journal_size_limit = 67108864;
  `);
  if (isNew) {
    for (const name of readdirSync(MIGRATIONS).toSorted()) {
      database.exec(readFileSync(new URL(name, MIGRATIONS), "utf8"));
    }
  }
  return database;
}
