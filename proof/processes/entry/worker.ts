// A worker's process, which is killed sooner or later: by its supervisor, by one of its tasks, or by itself.
import { flushCompileCache } from "node:module";
import type { Broker } from "../../../src/broker/broker.ts";
import { Stage3Queue } from "../../../src/broker/stage3queue.ts";
import { assertNever } from "../../../src/core/errors.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import { Chance } from "../../simulation/chance.ts";
import { HistoryFile } from "../history-file.ts";
import { openInPlace } from "../in-place.ts";
import { Load } from "../load.ts";
import type { FromWorker, ToWorker, WorkerSettings } from "../worker-settings.ts";

/** What a worker of either form can do. Only in place it can be killed at a named point. */
interface RunningWorker {
  readonly broker: Broker;
  stop(): Promise<void>;
  /** Ends it at once. */
  force(): Promise<void>;
  killAt(where: Extract<ToWorker, { kind: "killYourself" }>): void;
}

const settings = JSON.parse(process.argv[2] ?? "") as WorkerSettings;
const history = new HistoryFile(settings.place.history);
const tasks = new URL(`./tasks${import.meta.url.slice(-3)}`, import.meta.url);

/** Its supervisor is gone, and nobody would ever end it. */
process.once("disconnect", () => process.exit(1));

const worker = await (settings.form === "whole" ? startWhole() : startInPlace());
const { worker: name, number } = settings.place;
let load: Load | undefined;
process.on("message", (message: ToWorker) => void obey(message));
let signals = 0;
process.on("SIGTERM", () => void onSignal());
tell({ kind: "ready" });
// Left to its exit, which it does not live to see, nobody would ever write it.
flushCompileCache();

async function obey(message: ToWorker): Promise<void> {
  switch (message.kind) {
    case "killYourself":
      return worker.killAt(message);
    case "beBusy":
      load = new Load({
        broker: worker.broker,
        chance: new Chance(seededRandom(settings.seed)),
        history,
        caller: { name, number },
        mostOpen: 8,
        longestPauseMs: 60,
      });
      return;
    case "beQuiet":
      await load?.stop();
      return tell({ kind: "quiet" });
    default:
      return assertNever(message);
  }
}

async function onSignal(): Promise<void> {
  signals += 1;
  load?.quit();
  if (signals > 1) {
    await worker.force();
    process.exit(1);
  }
  await worker.stop();
  // Nothing may be left that keeps the process alive.
  process.removeAllListeners("disconnect");
  process.removeAllListeners("SIGTERM");
  process.disconnect?.();
}

async function startWhole(): Promise<RunningWorker> {
  const stage3 = await Stage3Queue.open({ ...settings.options, database: settings.database, tasks });
  stage3.events.on("warning", heard);
  await stage3.start();
  return { broker: stage3.broker, stop: () => stage3.stop(), force: () => stage3.kill(), killAt() {} };
}

async function startInPlace(): Promise<RunningWorker> {
  const { engine, broker, storage } = await openInPlace(settings, {
    tasks,
    history,
    emit: (event) => event.name === "warning" && heard(event),
  });
  await engine.start();
  return {
    broker,
    stop: () => engine.stop(),
    async force() {},
    killAt: ({ point, fraction }) => void storage.killAt(point, fraction),
  };
}

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

function heard({ code }: { readonly code?: string }): void {
  if (code !== "LEASE_LOST") return;
  history.note({ kind: "leaseLost", worker: settings.place.worker });
}
