import { describe, expect, it } from "vitest";
import { Stage3Error } from "../../../src/core/errors.ts";
import { createApi } from "./api.ts";

const TASK = { topic: "default", function: "send emails", args: [1] };

describe("Idempotency-Key", () => {
  it("goes along with the task, as it stands", async () => {
    const { post, engine } = createApi();
    expect(await post(TASK, { "idempotency-key": '"8e03978e"' })).toMatchObject({ status: 200 });
    expect(await post(TASK)).toMatchObject({ status: 200 });
    expect(engine.requests.map(({ idempotency }) => idempotency?.key)).toEqual(['"8e03978e"', undefined]);
  });

  it("answers with the id of the first call", async () => {
    const { post, engine } = createApi();
    engine.enqueue = () => Promise.resolve("01890a5d-ac96-774b-bcce-b302099a8057");
    const { status, body } = await post(TASK, { "idempotency-key": "key" });
    expect({ status, body }).toEqual({
      status: 200,
      body: { id: "01890a5d-ac96-774b-bcce-b302099a8057", status: "ok" },
    });
  });

  it("answers 409 where it was used for something else", async () => {
    const { post, engine, reported } = createApi();
    engine.failure = new Stage3Error("IDEMPOTENCY_CONFLICT", "Another task has that key");
    const { status, body } = await post(TASK, { "idempotency-key": "key" });
    expect({ status, body }).toEqual({
      status: 409,
      body: { message: "Another task has that key", status: "error" },
    });
    expect(reported).toEqual([]);
  });

  it.each(["", "a b", "one, two", "x".repeat(256), "\u00E9"])("is refused as %j", async (key) => {
    const { post, engine } = createApi();
    expect(await post(TASK, { "idempotency-key": key })).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("The Idempotency-Key header must be") as string },
    });
    expect(engine.requests).toEqual([]);
  });

  it("is no field of the body", async () => {
    const { post, engine } = createApi();
    expect(await post({ ...TASK, idempotencyKey: "key" })).toMatchObject({
      status: 400,
      body: { message: 'unknown field "idempotencyKey"' },
    });
    expect(engine.requests).toEqual([]);
  });
});
