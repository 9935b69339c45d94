import type { Clock } from "../core/clock.ts";
import type { Body, BodyHandlers } from "./body.ts";
import { Channel } from "./channel.ts";
import { Departure } from "./departure.ts";
import { type MessageToMember, type PackedMessage, unpack } from "./messages.ts";
import { killGroup } from "./process-group.ts";
import { failureOf } from "./process-end.ts";
import { spawnChild, type SpawnedChild, type SpawnOptions } from "./spawn-child.ts";

/** A child process with a process group of its own. */
export class ProcessBody implements Body {
  readonly id: number;
  readonly #spawned: SpawnedChild;
  readonly #channel: Channel<PackedMessage, MessageToMember>;
  readonly #departure: Departure;

  /** @throws Error when the system starts no process. */
  constructor(options: SpawnOptions, clock: Clock, handlers: BodyHandlers) {
    this.#spawned = spawnChild(options);
    this.id = this.#spawned.pid;
    this.#channel = new Channel(this.#spawned.channel, {
      onMessage: (message) => handlers.onMessage(unpack(message)),
      onEnd: () => this.#departure.onChannelEnd(),
    });
    this.#departure = new Departure(clock, {
      onExitOverdue: () => this.kill(),
      onChannelOverdue: () => this.#channel.close(),
      onComplete: (exit) => {
        this.#spawned.lifeline.destroy();
        handlers.onGone(failureOf(exit, this.#spawned.report.close()));
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
    this.#channel.send(message);
  }

  /** Kills its whole group. */
  kill(): void {
    killGroup(this.id);
  }
}
