import { describe, expect, it } from "vitest";
import { isTaskId } from "../../../src/core/ids.ts";
import { createApi, type Answer, type Api } from "./api.ts";

const TASK = { topic: "default", function: "send emails", args: ["admin@example.com", ["customer@example.com"]] };
const UNKNOWN_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

async function createTask(): Promise<Api & { id: string }> {
  const api = createApi();
  const { body } = await api.post(TASK);
  return { ...api, id: (body as { id: string }).id };
}

describe("POST /", () => {
  it("answers with the id of the stored task and nothing else", async () => {
    const { post, engine } = createApi();
    const { status, body } = await post(TASK);
    expect(status).toBe(200);
    expect(body).toEqual({ id: expect.toSatisfy(isTaskId) as string, status: "ok" });
    expect(engine.requests).toHaveLength(1);
    expect(engine.requests[0]).toMatchObject({ ...TASK, args: JSON.stringify(TASK.args), options: {} });
    expect(engine.requests[0]).not.toHaveProperty("priority");
  });

  it("hands over all options", async () => {
    const { post, engine } = createApi();
    const options = { priority: 1, timeout: "30s", abortGrace: 500, maxRestarts: 0, maxBackoff: "1m" };
    expect(await post({ ...TASK, ...options })).toMatchObject({ status: 200 });
    expect(engine.requests[0]).toMatchObject({
      priority: 1,
      options: { timeoutMs: 30_000, abortGraceMs: 500, maxRestarts: 0, maxBackoffMs: 60_000 },
    });
  });

  it.each([
    [{ ...TASK, topic: "unknown" }, "Topic is not found"],
    [{ ...TASK, topic: "__proto__" }, "Topic is not found"],
    [{ ...TASK, function: "unknown" }, "Function is not found"],
    [{ ...TASK, function: "__proto__" }, "Function is not found"],
    [{ ...TASK, function: "constructor" }, "Function is not found"],
  ])("refuses %j", async (body, message) => {
    const { post, engine } = createApi();
    expect(await post(body)).toMatchObject({ status: 400, body: { message, status: "error" } });
    expect(engine.requests).toEqual([]);
  });
});

describe("GET /<id>", () => {
  it.each([
    ["ready", "queued"],
    ["waiting", "queued"],
    ["running", "running"],
    ["finished", "finished"],
    ["in_dead_letter_queue", "in_dead_letter_queue"],
    ["aborted", "aborted"],
  ] as const)("answers a task that is %s with %s", async (state, status) => {
    const { call, engine, id } = await createTask();
    engine.states.set(id, state);
    expect(await call({ path: `/${id}` })).toMatchObject({ status: 200, body: { status } });
    expect((await call({ path: `/${id.toUpperCase()}` })).body).toEqual({ status });
  });

  it("answers HEAD as GET, without a body", async () => {
    const { call, id } = await createTask();
    const head = await call({ method: "HEAD", path: `/${id}` });
    expect(head).toMatchObject({ status: 200, body: undefined });
    expect(head.headers.get("content-type")).toBe("application/json");
    expect(await call({ method: "HEAD", path: `/${UNKNOWN_ID}` })).toMatchObject({ status: 404, body: undefined });
  });
});

describe("DELETE /<id>", () => {
  it.each(["ready", "waiting", "running"] as const)("aborts a task that is %s", async (state) => {
    const { call, engine, id } = await createTask();
    engine.states.set(id, state);
    const answer = await call({ method: "DELETE", path: `/${id}` });
    expect(answer).toMatchObject({ status: 200, body: { message: "Task aborted", status: "ok" } });
    expect(engine.states.get(id)).toBe("aborted");
  });

  it.each([
    ["finished", "Task is already finished"],
    ["in_dead_letter_queue", "Task is already in the dead-letter queue"],
    ["aborted", "Task is already aborted"],
  ] as const)("refuses one that is %s", async (state, message) => {
    const { call, engine, id } = await createTask();
    engine.states.set(id, state);
    const answer = await call({ method: "DELETE", path: `/${id}` });
    expect(answer).toMatchObject({ status: 409, body: { message, status: "error" } });
    expect(engine.states.get(id)).toBe(state);
  });

  it("tells everybody who asks while the task lives that it was aborted", async () => {
    const { call, engine, id } = await createTask();
    engine.states.set(id, "running");
    const gate = Promise.withResolvers<void>();
    engine.abortGate = gate.promise;
    const answers = Array.from({ length: 3 }, () => call({ method: "DELETE", path: `/${id}` }));
    gate.resolve();
    for (const answer of await Promise.all(answers)) {
      expect(answer).toMatchObject({ status: 200, body: { message: "Task aborted", status: "ok" } });
    }
  });

  it("tells so too whoever asks before the first is answered, though the task has ended by then", async () => {
    const { call, engine, id } = await createTask();
    const abort = engine.abort.bind(engine);
    const late: Promise<Answer>[] = [];
    engine.abort = async (wanted) => {
      const aborted = await abort(wanted);
      if (late.length === 0) late.push(call({ method: "DELETE", path: `/${id}` }));
      return aborted;
    };
    const answers = [await call({ method: "DELETE", path: `/${id}` }), ...(await Promise.all(late))];
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect((await call({ method: "DELETE", path: `/${id}` })).status).toBe(409);
  });

  it("aborts a task that was requeued by hand meanwhile", async () => {
    const { call, engine, id } = await createTask();
    engine.states.set(id, "in_dead_letter_queue");
    const status = engine.status.bind(engine);
    engine.status = (wanted) => {
      engine.states.set(id, "ready");
      return status(wanted);
    };
    expect(await call({ method: "DELETE", path: `/${id}` })).toMatchObject({ status: 200 });
  });
});

describe("an id that no task has", () => {
  it.each([
    UNKNOWN_ID,
    "no-id",
    "00000000-0000-0000-0000-000000000000",
    "__proto__",
    "%2e%2e%2f",
    "%00",
    "%zz",
    `${UNKNOWN_ID}%20`,
    "health",
  ])("is not found: %s", async (id) => {
    const { call } = createApi();
    for (const method of ["GET", "DELETE"]) {
      expect(await call({ method, path: `/${id}` })).toMatchObject({
        status: 404,
        body: { message: "Task is not found", status: "error" },
      });
    }
  });
});
