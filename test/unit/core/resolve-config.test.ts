import { expect, test } from "vitest";
import { defineConfig, resolveConfig, resolveOptions } from "../../../src/core/options/resolve-options.ts";
import { invalidOption } from "./invalid.ts";

test.each([[undefined], [{}], [{ http: {} }], [{ http: undefined }]])("the defaults of %j", (config) => {
  expect(resolveConfig(config)).toEqual({
    options: resolveOptions({}),
    http: { host: "127.0.0.1", port: 4000, token: undefined },
  });
});

test("what is given is kept", () => {
  const config = defineConfig({
    database: "memory:",
    queues: { a: {} },
    http: { host: "::1", port: 0, token: "s3cret" },
  });
  const { options, http } = resolveConfig(config);
  expect(http).toEqual({ host: "::1", port: 0, token: "s3cret" });
  expect(options).toEqual(resolveOptions({ database: "memory:", queues: { a: {} } }));
});

test.each([
  [{ http: 4000 }, "http must be an object"],
  [{ http: { hots: "x" } }, "http.hots is an unknown option of http; did you mean host?"],
  [{ http: { host: "" } }, "http.host must be a non-empty string"],
  [{ http: { port: -1 } }, "http.port must be a whole number from 0 to 65535"],
  [{ http: { port: 65_536 } }, "http.port must be a whole number from 0 to 65535"],
  [{ http: { port: "4000" } }, "http.port must be a whole number from 0 to 65535"],
  [{ http: { token: "" } }, "http.token must be a string of ASCII characters without spaces"],
  [{ http: { token: "two words" } }, "http.token must be"],
  [{ http: { token: 5 } }, "http.token must be"],
  [{ port: 4000 }, "port is not an option of a configuration file; it is an option of http."],
  [
    { queues: { a: { http: {} } } },
    "queues.a.http is not an option of a queue; it is an option of a configuration file.",
  ],
  ["config", "The options must be an object"],
])("%j is refused", (config, message) => {
  expect(() => resolveConfig(config)).toThrow(invalidOption(message));
});

test("a refusal does not repeat the token", () => {
  const message = expect.not.stringContaining("hunter") as string;
  expect(() => resolveConfig({ http: { token: "hunter 2" } })).toThrow(expect.objectContaining({ message }));
});
