import { Stage3Queue } from "../broker/stage3queue.ts";
import { Stage3Error } from "../core/errors.ts";
import { createHttpHandler } from "../http/handler.ts";
import { HttpServer } from "../http/server.ts";
import { loadConfig, type Config, type ConfigFlags } from "./config.ts";
import { writeEventLines } from "./event-lines.ts";
import { messageOf } from "./message-of.ts";
import { StopSignals } from "./stop-signals.ts";
import { StrayRejections } from "./stray-rejections.ts";
import type { Terminal } from "./terminal.ts";

export interface RunFlags extends ConfigFlags {
  /** Whether to serve the REST API. */
  readonly http: boolean;
  /** Whether to run tasks. */
  readonly work: boolean;
}

/** Runs until a signal asks it to stop, and answers with the exit code: 1 when it failed or was forced to end. */
export async function runQueue(terminal: Terminal, flags: RunFlags): Promise<number> {
  const signals = new StopSignals();
  const strays = new StrayRejections(terminal);
  let stage3: Stage3Queue | undefined;
  const run = async (): Promise<number> => {
    const config = await loadConfig(terminal, flags);
    if (flags.work && !config.hasTasks) throw noTasks(config, terminal);
    stage3 = await Stage3Queue.open(config.options);
    await new Service(stage3, terminal).run(config, flags, signals.first);
    return 0;
  };
  try {
    const forced = signals.second.then(() => stage3?.kill()).then(() => 1);
    return await Promise.race([run(), forced]);
  } catch (error) {
    terminal.error(messageOf(error));
    return 1;
  } finally {
    signals.stop();
    strays.stop();
  }
}

function noTasks({ file }: Config, { folder }: Terminal): Stage3Error {
  const where =
    file === undefined
      ? `there is no configuration stage3queue.config.{ts,mts,js,mjs} in ${folder}`
      : `the configuration ${file} names no tasks`;
  return new Stage3Error(
    "INVALID_OPTION",
    `There are no tasks to run: ${where}. Set tasks there, name another file with --config, or only serve the REST API ` +
      "with --no-work.",
  );
}

/** An instance and the server in front of it. */
class Service {
  readonly #stage3: Stage3Queue;
  readonly #terminal: Terminal;
  #server: HttpServer | undefined;
  #stopping = false;

  constructor(stage3: Stage3Queue, terminal: Terminal) {
    this.#stage3 = stage3;
    this.#terminal = terminal;
    writeEventLines(stage3.events, terminal);
  }

  /** Resolves once it has stopped gracefully; rejects once it has stopped because it could not start. */
  async run(config: Config, flags: RunFlags, stopAsked: Promise<unknown>): Promise<void> {
    const started = this.#start(config, flags);
    try {
      await Promise.race([started.then(() => stopAsked), stopAsked]);
    } catch (error) {
      await this.#stop(started);
      throw error;
    }
    this.#terminal.error("Stopping; a second signal ends it at once.");
    await this.#stop(started);
  }

  async #start(config: Config, { http, work }: RunFlags): Promise<void> {
    if (work) await this.#stage3.start();
    if (this.#stopping) return;
    if (http) this.#server = await this.#listen(config);
    const where = this.#server === undefined ? "" : ` on ${this.#server.url}`;
    this.#terminal.out(`Stage3Queue is ready${where}`);
  }

  #listen({ http: { host, port, token }, maxPayloadBytes }: Config): Promise<HttpServer> {
    const access = token === undefined ? {} : { token };
    const handler = createHttpHandler({
      broker: this.#stage3.broker,
      isReady: () => this.#stage3.isReady(),
      isStopping: () => this.#stopping,
      host: { kind: "bound", address: host },
      maxPayloadBytes,
      onError: (error) => this.#terminal.error(`error: an HTTP call failed: ${messageOf(error)}`),
      ...access,
    });
    return HttpServer.listen({ host, port, handler, ...access });
  }

  /** Calls in progress are answered while running tasks end. */
  async #stop(started: Promise<void>): Promise<void> {
    this.#stopping = true;
    await Promise.all([this.#server?.close(), this.#stage3.stop()]);
    await started.catch(() => undefined); // it was told to stop, or its failure is the reason
    await this.#server?.close(); // where it began to listen only meanwhile
  }
}
