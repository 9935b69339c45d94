// Checked by the compiler alone: an option that a public type has and no declaration, or the other way round, is an error.
import type { OptionAt } from "../../src/core/options/declarations.ts";
import type {
  QueueOptions,
  Stage3QueueOptions,
  StandaloneConfig,
  TaskOptions,
  TaskPolicy,
} from "../../src/core/options/types.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<_ extends true>(): void {}

holds<Equal<keyof TaskOptions, OptionAt<"enqueue">>>();
holds<Equal<keyof TaskPolicy, OptionAt<"function">>>();
holds<Equal<keyof QueueOptions, OptionAt<"queue">>>();
holds<Equal<keyof Stage3QueueOptions, OptionAt<"instance">>>();
holds<Equal<keyof StandaloneConfig, OptionAt<"config">>>();
