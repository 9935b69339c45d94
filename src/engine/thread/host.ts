import { assertNever } from "../../core/errors.ts";
import { systemClock } from "../../core/clock.ts";
import type { Stage3Event, Stage3EventName } from "../../core/events.ts";
import { systemRandom } from "../../core/random.ts";
import { AbortFlags } from "../../executor/abort-flags.ts";
import { openStorage } from "../../storage/open.ts";
import type { EngineApi } from "../api.ts";
import { openEngine } from "../open-engine.ts";
import { openProcessTable } from "../process-table.ts";
import { ChildTable } from "./child-table.ts";
import { InlineProxies } from "./inline-proxy.ts";
import type { FromHost, HostData, ToHost } from "./messages.ts";
import { toPlainError } from "./plain-error.ts";
import { openExecutor } from "./open-executor.ts";
import { type Call, invoke } from "./remote-calls.ts";

/** The Engine in its thread: takes calls as messages and answers them. */
export class EngineHost {
  readonly #engine: EngineApi;
  readonly #inline: InlineProxies;
  readonly #send: (message: FromHost) => void;
  readonly #ended: () => void;
  readonly #listened: Set<Stage3EventName>;
  /** What gives up a call under way that takes a signal. */
  readonly #cancels = new Map<number, AbortController>();

  private constructor(parts: {
    engine: EngineApi;
    inline: InlineProxies;
    send: (message: FromHost) => void;
    ended: () => void;
    listened: Set<Stage3EventName>;
  }) {
    this.#engine = parts.engine;
    this.#inline = parts.inline;
    this.#send = parts.send;
    this.#ended = parts.ended;
    this.#listened = parts.listened;
  }

  /** Opens the storage; rejects where that cannot be had. `ended` is called once the Engine has stopped. */
  static async open(data: HostData, send: (message: FromHost) => void, ended: () => void): Promise<EngineHost> {
    const clock = systemClock;
    const storage = await openStorage(data.database, { durability: data.durability, clock });
    const listened = new Set<Stage3EventName>(["warning"]);
    const emit = (event: Stage3Event): void => {
      if (listened.has(event.name)) send({ kind: "event", event });
    };
    const inline = new InlineProxies({ send, clock, aborts: new AbortFlags(data.aborts) });
    const children = new ChildTable(data.children);
    const { execArgv } = data;
    const servedModule = ownModuleServed(data);
    const executors = { open: openExecutor({ clock, children, inline, emit, execArgv, servedModule }) };
    const processes = openProcessTable();
    const engine = await openEngine(
      { clock, random: systemRandom, storage, executors, processes, emit, isCut: () => children.isClosed },
      data.settings,
    );
    return new EngineHost({ engine, inline, send, ended, listened });
  }

  receive(message: ToHost): void {
    switch (message.kind) {
      case "call":
        return void this.#answer(message.number, message.call);
      case "cancel":
        return this.#cancels.get(message.number)?.abort();
      case "listen":
        this.#listened.clear();
        for (const name of message.names) this.#listened.add(name);
        return;
      case "inlineDescribed":
      case "inlineFailed":
      case "inlineBegan":
      case "inlineProgress":
      case "inlineLog":
      case "inlineWarning":
      case "inlineOutcome":
        return this.#inline.receive(message);
      default:
        assertNever(message);
    }
  }

  async #answer(number: number, call: Call): Promise<void> {
    try {
      this.#send({ kind: "answer", number, value: await invoke(this.#engine, call, () => this.#signalOf(number)) });
    } catch (error) {
      this.#send({ kind: "refusal", number, error: toPlainError(error) });
    }
    this.#cancels.delete(number);
    if (call.method === "stop") this.#ended();
  }

  #signalOf(number: number): AbortSignal {
    const cancel = new AbortController();
    this.#cancels.set(number, cancel);
    return cancel.signal;
  }
}

/** The module that this child or thread was started to run, where that is one of the instance's own. */
function ownModuleServed({ settings, servedModule }: HostData): string | undefined {
  const modules = [...settings.queues.values()].map(({ tasks }) => (tasks?.kind === "module" ? tasks.url : undefined));
  return modules.includes(servedModule) ? servedModule : undefined;
}
