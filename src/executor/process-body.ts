import type { Clock } from "../core/clock.ts";
import type { FailureReason } from "../core/failure.ts";
import { packFlag } from "./abort-flags.ts";
import type { Body, BodyHandlers } from "./body.ts";
import { Channel } from "./channel.ts";
import { CHANNEL_FD, CRASH_REPORT_FD } from "./child-descriptors.ts";
import { Departure } from "./departure.ts";
import type { MessageToMember } from "./messages.ts";
import { killGroup } from "./process-group.ts";
import { failureOf, type ProcessExit } from "./process-end.ts";
import { longestLineOf, readPackedMessage } from "./read-message.ts";
import { spawnChild, type SpawnedChild, type SpawnOptions } from "./spawn-child.ts";

const NO_MESSAGE = `wrote to descriptor ${CHANNEL_FD} what is no message of the queue`;
const CLOSED = `closed descriptor ${CHANNEL_FD}`;

/** A child process with a process group of its own. */
export class ProcessBody implements Body {
  readonly id: number;
  readonly #spawned: SpawnedChild;
  readonly #channel: Channel<unknown, MessageToMember>;
  readonly #departure: Departure;
  readonly #handlers: BodyHandlers;
  /** What may be a result of the attempt that runs in it. */
  #maxPayloadBytes = 0;
  /** It cannot be talked to any more, for what ran in it: how that came. */
  #broken: string | undefined;

  /** @throws Error when the system starts no process. */
  constructor(options: SpawnOptions, clock: Clock, handlers: BodyHandlers) {
    this.#spawned = spawnChild(options);
    this.id = this.#spawned.pid;
    this.#handlers = handlers;
    this.#channel = new Channel<unknown, MessageToMember>(this.#spawned.channel, {
      onMessage: (message) => this.#receive(message),
      onEnd: () => this.#departure.onChannelEnd(),
      onUnreadable: () => this.#break(NO_MESSAGE),
    });
    this.#channel.longestLine = longestLineOf(this.#maxPayloadBytes);
    this.#departure = new Departure(clock, {
      onExitOverdue: () => this.#break(CLOSED),
      onChannelOverdue: () => this.#channel.close(),
      onComplete: (exit) => {
        this.#spawned.lifeline.destroy();
        handlers.onGone(this.#failureOf(exit));
      },
    });
    this.#spawned.process.once("exit", (exitCode, signal) => {
      handlers.onExit();
      this.#departure.onExit({ exitCode, signal });
    });
  }

  get exited(): boolean {
    return this.#departure.exited;
  }

  send(message: MessageToMember): void {
    if (message.kind === "run") {
      this.#maxPayloadBytes = message.data.maxPayloadBytes;
      this.#channel.longestLine = longestLineOf(this.#maxPayloadBytes);
    }
    // For a handler that is busy: the watchdog is not.
    if (message.kind === "abort") this.#spawned.lifeline.write(packFlag(message.run, message.reason));
    this.#channel.send(message);
  }

  /** Kills its whole group. */
  kill(): void {
    killGroup(this.id);
  }

  /** Whatever runs in the child can write to its descriptors, so nothing that comes is taken for what it should be. */
  #receive(came: unknown): void {
    if (this.#broken !== undefined) return;
    const message = readPackedMessage(came, this.#maxPayloadBytes);
    if (message !== undefined) return this.#handlers.onMessage(message);
    this.#break(NO_MESSAGE);
    this.#channel.close();
  }

  #break(how: string): void {
    this.#broken ??= how;
    if (!this.exited) this.kill();
  }

  #failureOf(exit: ProcessExit): FailureReason {
    const failure = failureOf(exit, this.#spawned.report.close());
    if (this.#broken === undefined || failure.code !== "TASK_KILLED" || exit.signal !== "SIGKILL") return failure;
    const message =
      `The process was killed because it ${this.#broken}. ` +
      `In a child the descriptors ${CHANNEL_FD} to ${CRASH_REPORT_FD} belong to the queue: leave them alone.`;
    return { code: "TASK_KILLED", message };
  }
}
