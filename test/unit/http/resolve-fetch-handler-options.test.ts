import { describe, expect, it } from "vitest";
import { resolveFetchHandlerOptions } from "../../../src/http/resolve-fetch-handler-options.ts";
import { invalidOption } from "../core/invalid.ts";

describe("options of toFetchHandler", () => {
  it("need no more than a token, or that there is none", () => {
    const defaults = { basePath: "", hosts: undefined, origins: [], onError: undefined };
    expect(resolveFetchHandlerOptions({ token: "secret" })).toEqual({ token: "secret", ...defaults });
    expect(resolveFetchHandlerOptions({ token: false })).toEqual({ token: false, ...defaults });
  });

  it.each([
    ["/", ""],
    ["/queue", "/queue"],
    ["/queue/", "/queue"],
    ["/api/./x/../queue", "/api/queue"],
    ["/früh", "/fr%C3%BCh"],
  ])("take %j as base path", (basePath, expected) => {
    expect(resolveFetchHandlerOptions({ token: false, basePath }).basePath).toBe(expected);
  });

  it("take names of hosts in any case, and addresses", () => {
    const hosts = ["App.Example.com", "[::1]", "127.0.0.1"];
    expect(resolveFetchHandlerOptions({ token: false, hosts }).hosts).toEqual([
      "app.example.com",
      "[::1]",
      "127.0.0.1",
    ]);
  });

  it.each([
    [undefined, "The options must be an object"],
    [{}, "token is missing: give the string that callers must send, or false"],
    [{ token: undefined }, "token is missing"],
    [{ token: "" }, "token must be a string of ASCII characters without spaces, or false for none."],
    [{ token: "two words" }, "token must be"],
    [{ token: true }, "token must be"],
    [{ token: false, basePath: "queue" }, 'basePath must be a path such as "/queue", not "queue".'],
    [{ token: false, basePath: "" }, "basePath must be"],
    [{ token: false, basePath: "//evil.example" }, "basePath must be"],
    [{ token: false, basePath: "/queue?x" }, "basePath must be"],
    [{ token: false, basePath: "/queue#x" }, "basePath must be"],
    [{ token: false, hosts: [] }, "hosts must be a list with at least one entry"],
    [{ token: false, hosts: "example.com" }, "hosts must be a list"],
    [{ token: false, hosts: ["example.com", "example.com:80"] }, "hosts[1] must be a name without a port"],
    [{ token: false, hosts: ["user@example.com"] }, "hosts[0] must be a name"],
    [{ token: false, hosts: [" "] }, "hosts[0] must be a name"],
    [{ token: false, origins: ["example.com"] }, 'origins[0] must be an origin such as "https://app.example.com"'],
    [{ token: false, origins: ["https://example.com/"] }, "origins[0] must be an origin"],
    [{ token: false, origins: ["null"] }, "origins[0] must be an origin"],
    [{ token: false, onError: "log" }, "onError must be a function"],
    [{ token: false, basepath: "/queue" }, "basepath is an unknown option of toFetchHandler; did you mean basePath?"],
  ])("refuse %j", (options, message) => {
    expect(() => resolveFetchHandlerOptions(options)).toThrow(invalidOption(message));
  });

  it("do not repeat a token that is refused", () => {
    expect(() => resolveFetchHandlerOptions({ token: "my secret" })).not.toThrow("my secret");
  });
});
