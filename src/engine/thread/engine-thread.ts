import { type Clock, sleep } from "../../core/clock.ts";
import { Stage3Error } from "../../core/errors.ts";
import type { Emit, Stage3EventName } from "../../core/events.ts";
import { AbortFlags } from "../../executor/abort-flags.ts";
import type { Executor } from "../../executor/port.ts";
import { servedModule } from "../../executor/served-module.ts";
import type { EngineCalls } from "../api.ts";
import type { EngineSettings } from "../ports.ts";
import { PendingCalls } from "./calls.ts";
import { ChildTable } from "./child-table.ts";
import { onProcessExit } from "./exit-hook.ts";
import { Generation } from "./generation.ts";
import { InlineSide } from "./inline-side.ts";
import type { FromHost, HostData } from "./messages.ts";
import { fromPlainError } from "./plain-error.ts";
import { type Call, remoteCalls } from "./remote-calls.ts";
import { Revival } from "./revival.ts";

export interface EngineThreadOptions {
  readonly settings: Omit<EngineSettings, "generation">;
  readonly database: HostData["database"];
  readonly durability: HostData["durability"];
  readonly clock: Clock;
  /** Opens what runs a topic's inline handlers, on this thread's event loop. */
  readonly openInline: (topic: string) => Executor;
  readonly emit: Emit;
}

/** With more inline handlers at once, one that keeps the loop busy may miss its abort. */
const MOST_INLINE_FLAGS = 1_024;

/**
 * The Engine in a worker thread of its own, seen from the application's thread. If the thread dies, what it ran is
 * killed, and it is started anew; calls that were not answered are sent again.
 */
export class EngineThread {
  /** The Engine's calls, answered from its thread. */
  readonly calls: EngineCalls = remoteCalls((call, signal) => this.#call(call, signal));
  readonly #options: EngineThreadOptions;
  readonly #pending: PendingCalls;
  readonly #children = new ChildTable();
  readonly #aborts = new AbortFlags(MOST_INLINE_FLAGS);
  readonly #inline: InlineSide;
  readonly #revival: Revival;
  readonly #forgetExit: () => void;
  #generation: Generation;
  #number = 0;
  #listened: readonly Stage3EventName[] = ["warning"];
  #opening = Promise.withResolvers<void>();
  #isOpen = false;
  /** The calls that a thread had been sent which died: it may have done them. */
  #inDoubt: ReadonlySet<number> = new Set();
  #isStarted = false;
  #stopping: Promise<void> | undefined;
  /** Ends the wait for a thread to be started anew. */
  readonly #closed = new AbortController();

  private constructor(options: EngineThreadOptions) {
    this.#options = options;
    this.#pending = new PendingCalls((number, call) => {
      if (this.#isOpen) this.#generation.send({ kind: "call", number, call });
    }, options.clock);
    this.#inline = new InlineSide({
      open: options.openInline,
      send: (message) => this.#generation.send(message),
      clock: options.clock,
      aborts: this.#aborts,
    });
    this.#revival = new Revival(options.clock);
    this.#forgetExit = onProcessExit(() => this.#children.killAll());
    this.#generation = this.#spawn();
  }

  /** Resolves once the database is open. */
  static async open(options: EngineThreadOptions): Promise<EngineThread> {
    const thread = new EngineThread(options);
    thread.#generation.hold(true);
    try {
      await thread.#opening.promise;
    } catch (error) {
      await thread.kill();
      throw error;
    }
    thread.#hold();
    return thread;
  }

  /** Which events are wanted here; the others stay in the Engine's thread. */
  listen(names: readonly Stage3EventName[]): void {
    this.#listened = names;
    this.#generation.send({ kind: "listen", names });
  }

  async start(): Promise<void> {
    await this.#call({ method: "start", args: [] });
    this.#isStarted = true;
    this.#hold();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /**
   * Ends everything at once: children, thread, pending calls; inline handlers are asked to stop, and left to themselves.
   * Attempts that ran are rescued by the next worker.
   */
  kill(): Promise<void> {
    const killed = this.#kill();
    this.#stopping ??= killed;
    return killed;
  }

  async #kill(): Promise<void> {
    const reaped = this.#children.end(this.#options.clock, this.#generation.ended);
    const abandoned = this.#inline.abortAll(0);
    await reaped;
    this.#generation.terminate();
    await this.#generation.ended;
    this.#children.killAll();
    await abandoned;
    this.#close();
  }

  async isReady(): Promise<boolean> {
    if (this.#stopping !== undefined || !this.#isOpen) return false;
    return (await this.#call({ method: "isReady", args: [] })) as boolean;
  }

  async #stop(): Promise<void> {
    this.#pending.rejectWaiting(stopped());
    const answer = this.#add({ method: "stop", args: [] });
    await Promise.race([answer.catch(() => undefined), this.#generation.ended]);
    // There are some only where it could not stop as it should.
    await this.#children.end(this.#options.clock, this.#generation.ended);
    await this.#generation.end(this.#options.clock);
    this.#children.killAll();
    // There are some only where the thread has died before it could end them.
    await this.#inline.abortAll();
    this.#close();
  }

  #close(): void {
    this.#closed.abort();
    this.#forgetExit();
    this.#pending.rejectAll(stopped());
  }

  #call(call: Call, signal?: AbortSignal): Promise<unknown> {
    return this.#stopping === undefined ? this.#add(call, signal) : Promise.reject(stopped());
  }

  async #add(call: Call, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const { number, answer } = this.#pending.add(call);
    this.#hold();
    const cancel = (): void => this.#cancel(number, signal?.reason);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await answer;
    } finally {
      signal?.removeEventListener("abort", cancel);
      this.#hold();
    }
  }

  #cancel(number: number, reason: unknown): void {
    this.#pending.reject(number, reason);
    if (this.#isOpen) this.#generation.send({ kind: "cancel", number });
  }

  /** A started instance keeps the process alive, an open one only while it has calls to answer. */
  #hold(): void {
    this.#generation.hold((this.#isStarted && this.#stopping === undefined) || !this.#pending.isEmpty);
  }

  #spawn(): Generation {
    const { settings, database, durability } = this.#options;
    // It counts its runs anew.
    this.#aborts.clear();
    const data: HostData = {
      settings: { ...settings, generation: this.#number },
      database,
      durability,
      children: this.#children.buffer,
      aborts: this.#aborts.buffer,
      execArgv: process.execArgv,
      servedModule: servedModule(),
    };
    const generation = new Generation(data, (message) => this.#receive(message));
    void generation.ended.then((cause) => this.#died(generation, cause));
    return generation;
  }

  #receive(message: FromHost): void {
    // What was committed before is still answered. The rest only tells how children ended that were killed with all else.
    if (this.#children.isClosed && message.kind !== "answer") return;
    switch (message.kind) {
      case "opened":
        return this.#opened();
      case "notOpened":
        return this.#opening.reject(fromPlainError(message.error));
      case "answer":
        return this.#pending.resolve(message.number, message.value);
      case "refusal":
        return this.#pending.refuse(message.number, fromPlainError(message.error));
      case "event":
        return this.#options.emit(message.event);
      default:
        return this.#inline.obey(message);
    }
  }

  #opened(): void {
    this.#isOpen = true;
    this.#generation.send({ kind: "listen", names: this.#listened });
    const unanswered = [...this.#pending];
    // Some calls are only taken by an Engine that was started.
    void this.#restart();
    for (const { number, call } of unanswered) {
      this.#generation.send({ kind: "call", number, call: this.#inDoubt.has(number) ? sentAgain(call) : call });
    }
    this.#opening.resolve();
  }

  /** The thread is gone. Unless that was meant, what it ran is ended, and only then another one takes its place. */
  async #died(generation: Generation, cause: unknown): Promise<void> {
    if (this.#stopping !== undefined || generation !== this.#generation) return;
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen) this.#inDoubt = new Set(Array.from(this.#pending, ({ number }) => number));
    this.#children.killAll();
    const reason = cause instanceof Error ? cause : new Error("The Engine's thread ended.");
    if (this.#number === 0 && !wasOpen) return this.#opening.reject(reason);
    this.#options.emit({
      name: "warning",
      code: "ENGINE_RESTARTED",
      message: `The Engine's thread died and is started anew: ${reason.message}`,
    });
    const delay = sleep(this.#options.clock, this.#revival.delayMs(), this.#closed.signal);
    await Promise.all([this.#inline.abortAll(), delay]);
    if (this.#stopping !== undefined) return;
    this.#revive();
  }

  #revive(): void {
    this.#number += 1;
    this.#opening = Promise.withResolvers();
    this.#opening.promise.catch((error: Error) => {
      this.#pending.rejectAll(error);
      this.#generation.terminate();
    });
    this.#generation = this.#spawn();
    this.#hold();
  }

  /** The new Engine goes on with what the old one had been told to do. */
  async #restart(): Promise<void> {
    if (!this.#isStarted) return;
    try {
      await this.#call({ method: "start", args: [] });
    } catch {
      // Without its tasks or its database it cannot work: let it die, to be started anew a little later.
      if (this.#stopping === undefined) this.#generation.terminate();
    }
  }
}

/** A task that is found aborted may have been so by this very call. */
function sentAgain(call: Call): Call {
  return call.method === "abort" ? { method: "abort", args: [call.args[0], true] } : call;
}

function stopped(): Stage3Error {
  return new Stage3Error("STOPPED", "This instance has stopped; open another.");
}
