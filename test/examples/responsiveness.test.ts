import { availableParallelism } from "node:os";
import { expect, test } from "vitest";
import { call, enqueue, waitForStatus } from "./support/calls.ts";
import { startExample, type ExampleServer } from "./support/example-server.ts";

const calls = 500;

test("two tasks of pure computation leave the server responsive", async () => {
  const server = await startExample();
  const args = [1_000_000_000_000];
  const task = { topic: "default", function: "count primes", args };
  const ids = [await enqueue(server, task), await enqueue(server, task)];
  for (const id of ids) await waitForStatus(server, id, "running");

  const { p50, p99, max } = await measure(server);
  console.log(
    `GET /health/live, ${calls} calls beside two CPU-bound tasks on ${availableParallelism()} cores: ` +
      `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, max ${max.toFixed(1)} ms`,
  );
  for (const id of ids) expect(await call(server, "GET", id)).toEqual({ status: 200, body: { status: "running" } });
  for (const id of ids) expect(await call(server, "DELETE", id)).toMatchObject({ status: 200 });
  expect(p99).toBeLessThan(50);
  expect(max).toBeLessThan(500);
});

async function measure(server: ExampleServer): Promise<{ p50: number; p99: number; max: number }> {
  const durationsMs: number[] = [];
  for (let count = 0; count < calls; count++) {
    const startedAt = performance.now();
    const response = await fetch(`${server.url}/health/live`);
    await response.arrayBuffer();
    durationsMs.push(performance.now() - startedAt);
    expect(response.status).toBe(200);
  }
  const sorted = durationsMs.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.ceil(share * calls) - 1] ?? NaN;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
