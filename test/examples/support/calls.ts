import { setTimeout as wait } from "node:timers/promises";
import { expect } from "vitest";
import type { ExampleServer } from "./example-server.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Calls the server as any HTTP client would. */
export async function call(server: ExampleServer, method: "GET" | "DELETE", path: string): Promise<Answer> {
  const response = await fetch(`${server.url}/${path}`, { method });
  return { status: response.status, body: await response.json() };
}

/** Enqueues a task over HTTP and returns its id. */
export async function enqueue(
  server: ExampleServer,
  task: { topic: string; function: string; args: unknown[]; maxRestarts?: number },
): Promise<string> {
  const response = await fetch(server.url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(task),
  });
  return readId(await response.text());
}

/** The id in the answer to a POST, which has nothing else in it. */
export function readId(text: string): string {
  const answer = JSON.parse(text) as { id: string };
  expect(answer).toEqual({ id: answer.id, status: "ok" });
  expect(answer.id).toMatch(/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/u);
  return answer.id;
}

/** Asks for a task's status until it is `status`; until then it must be queued or running. */
export async function waitForStatus(server: ExampleServer, id: string, status: string): Promise<void> {
  for (;;) {
    const { body } = await call(server, "GET", id);
    if ((body as { status: string }).status === status) return;
    expect([{ status: "queued" }, { status: "running" }]).toContainEqual(body);
    await wait(20);
  }
}
