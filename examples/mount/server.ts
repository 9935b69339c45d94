// What the servers here have in common: where they listen, and how they stop.
import type { AddressInfo } from "node:net";
import { stage3 } from "./queue.ts";

export const host = "127.0.0.1";
export const port = Number(process.env["PORT"] ?? 3000);

export function tellAddress(address: AddressInfo | string | null): void {
  if (typeof address === "object" && address !== null) console.log(`Listening on http://${host}:${address.port}`);
}

/** The first SIGTERM or Ctrl-C stops gracefully: calls under way are answered, running tasks end or are given back. */
export function stopOnSignal(closeServer: () => PromiseLike<void>): void {
  const stop = async (): Promise<void> => {
    process.off("SIGTERM", onSignal).off("SIGINT", onSignal);
    await Promise.all([closeServer(), stage3.stop()]);
  };
  const onSignal = (): void => void stop();
  process.on("SIGTERM", onSignal).on("SIGINT", onSignal);
}
