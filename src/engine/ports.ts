import type { Clock } from "../core/clock.ts";
import type { Emit } from "../core/events.ts";
import type { QueueSettings } from "../core/options/settings.ts";
import type { Random } from "../core/random.ts";
import type { Executor, TellUnavailable } from "../executor/port.ts";
import type { ProcessIdentity, Storage } from "../storage/port.ts";

/** Everything that an Engine touches beside itself. It has no other source of time, chance or effect. */
export interface EngineParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly executors: Executors;
  readonly processes: ProcessTable;
  readonly emit: Emit;
  /** Whether everything was ended at once, from outside. Then nothing goes to storage any more. */
  readonly isCut?: () => boolean;
}

/** Opens what runs the handlers of a queue. */
export interface Executors {
  open(queue: QueueSettings, tell: TellUnavailable): Executor;
}

/** What an Engine knows of the machine's processes. */
export interface ProcessTable {
  /** This process. */
  readonly self: ProcessIdentity;
  /** Whether that process is certainly gone. False where it runs, or where this machine cannot tell. */
  isGone(identity: ProcessIdentity): boolean;
}

/** What an Engine is told to do. */
export interface EngineSettings {
  readonly queues: ReadonlyMap<string, QueueSettings>;
  readonly leaseMs: number;
  readonly retention: RetentionSettings;
  /** Of queues that are kept in this process's memory. */
  readonly retentionInMemory: RetentionSettings;
  readonly maxPayloadBytes: number;
  /** Names this Engine for as long as its application keeps it, however often it has to be started anew. */
  readonly instance: string;
  /** How often it was started anew; the attempts of earlier generations are known to be over. */
  readonly generation: number;
}

/** How long ended tasks are kept. `Infinity`: for ever. */
export interface RetentionSettings {
  readonly finishedMs: number;
  readonly abortedMs: number;
  readonly dlqMs: number;
}
