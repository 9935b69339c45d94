import type { EngineApi, EnqueueRequest, TaskRecord } from "../../../src/engine/api.ts";
import { Stage3Error } from "../../../src/core/errors.ts";

type State = TaskRecord["state"];

/** Knows the topic "default" and the function "send emails", and holds the tasks' states for a test to change. */
export class FakeEngine implements EngineApi {
  readonly requests: EnqueueRequest[] = [];
  readonly states = new Map<string, State>();
  readonly functions = new Map([["send emails", true]]);
  /** Fails every call where it is set. */
  failure: unknown;
  /** When set, aborts of running tasks wait for it. */
  abortGate: Promise<void> | undefined;
  ready = true;

  async start(): Promise<void> {}
  async stop(): Promise<void> {}

  async enqueue(request: EnqueueRequest): Promise<string> {
    this.#check();
    if (request.topic !== "default") throw new Stage3Error("TOPIC_NOT_FOUND", "There is no such topic.");
    if (!this.functions.has(request.function)) throw new Stage3Error("FUNCTION_NOT_FOUND", "No such function.");
    this.requests.push(request);
    this.states.set(request.id, "ready");
    return request.id;
  }

  async enqueueMany(): Promise<readonly string[]> {
    return [];
  }

  async abort(id: string): Promise<boolean> {
    this.#check();
    const state = this.states.get(id);
    if (state !== "ready" && state !== "waiting" && state !== "running") return false;
    if (state === "running") await this.abortGate;
    this.states.set(id, "aborted");
    return true;
  }

  async status(id: string): Promise<State | undefined> {
    this.#check();
    return this.states.get(id);
  }

  async get(): Promise<undefined> {}
  async waitForEnd(): Promise<undefined> {}
  async deadLetters(): Promise<[]> {
    return [];
  }
  async getFirst(): Promise<[]> {
    return [];
  }
  async requeue(): Promise<boolean> {
    return false;
  }
  async discard(): Promise<boolean> {
    return false;
  }
  async topics(): Promise<[]> {
    return [];
  }
  async isReady(): Promise<boolean> {
    this.#check();
    return this.ready;
  }

  #check(): void {
    // oxlint-disable-next-line typescript/only-throw-error -- what the handler does with what is no Error is tested too
    if (this.failure !== undefined) throw this.failure;
  }
}
