import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/cli/config.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { recordingTerminal } from "./recording-terminal.ts";

const FILE = `export default {
  database: "sqlite:file.db",
  maxPayload: "2kb",
  http: { host: "127.0.0.2", port: 1000, token: "from-file" },
};`;

const ENVIRONMENT = {
  STAGE3_DATABASE: "sqlite:environment.db",
  STAGE3_TOKEN: "from-environment",
  HOST: "127.0.0.3",
  PORT: "2000",
};

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function write(text: string, name = "stage3queue.config.mjs"): void {
  writeFileSync(join(folder, name), text);
}

describe("loadConfig", () => {
  it("has defaults", async () => {
    const { options, http, maxPayloadBytes } = await loadConfig(recordingTerminal(folder), {});
    expect(options.database).toBeUndefined(); // `Stage3Queue.open` knows it
    expect(http).toEqual({ host: "127.0.0.1", port: 4000, token: undefined });
    expect(maxPayloadBytes).toBe(1024 * 1024);
  });

  it("takes the file rather than the defaults", async () => {
    write(FILE);
    const { options, http, maxPayloadBytes } = await loadConfig(recordingTerminal(folder), {});
    expect(options).not.toHaveProperty("http");
    expect(options.database).toBe(`sqlite:${join(folder, "file.db")}`);
    expect(http).toEqual({ host: "127.0.0.2", port: 1000, token: "from-file" });
    expect(maxPayloadBytes).toBe(2048);
  });

  it("takes the environment rather than the file", async () => {
    write(FILE);
    const { options, http } = await loadConfig(recordingTerminal(folder, ENVIRONMENT), {});
    expect(options.database).toBe(`sqlite:${join(folder, "environment.db")}`);
    expect(http).toEqual({ host: "127.0.0.3", port: 2000, token: "from-environment" });
  });

  it("takes an empty variable for none", async () => {
    write(FILE);
    const empty = { STAGE3_DATABASE: "", STAGE3_TOKEN: "", HOST: "", PORT: "" };
    const { options, http } = await loadConfig(recordingTerminal(folder, empty), {});
    expect(options.database).toBe(`sqlite:${join(folder, "file.db")}`);
    expect(http).toEqual({ host: "127.0.0.2", port: 1000, token: "from-file" });
  });

  it("takes the flags rather than all else", async () => {
    write(FILE);
    const flags = { database: "sqlite:flag.db", host: "localhost", port: 0 };
    const { options, http } = await loadConfig(recordingTerminal(folder, ENVIRONMENT), flags);
    expect(options.database).toBe(`sqlite:${join(folder, "flag.db")}`);
    expect(http).toEqual({ host: "localhost", port: 0, token: "from-environment" });
  });

  it("takes a database in a file from that file's folder, elsewhere from the working directory", async () => {
    write(FILE, "other.mjs");
    const named = { config: join(folder, "other.mjs") };
    const elsewhere = recordingTerminal("/elsewhere");
    expect((await loadConfig(elsewhere, named)).options.database).toBe(`sqlite:${join(folder, "file.db")}`);
    const flags = { ...named, database: "sqlite:flag.db" };
    expect((await loadConfig(elsewhere, flags)).options.database).toBe("sqlite:/elsewhere/flag.db");
    expect((await loadConfig(elsewhere, { ...named, database: "memory:" })).options.database).toBe("memory:");
  });

  it.each([
    ["an unknown option", "export default { colour: 1 };", /^colour is an unknown option/],
    ["no object", "export default 5;", /must be an object/],
    ["a bad port", "export default { http: { port: -1 } };", /^http\.port must be/],
  ])("refuses a file with %s", async (_what, file, message) => {
    write(file);
    await expect(loadConfig(recordingTerminal(folder), {})).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    [{ PORT: "http" }, /^PORT must be a whole number from 0 to 65535, not "http"/],
    [{ PORT: "65536" }, /must be a whole number from 0 to 65535/],
    [{ STAGE3_DATABASE: "mysql://user:secret@host" }, /^database must be(?!.*secret)/],
  ])("refuses the environment %j", async (environment: Readonly<Record<string, string>>, message) => {
    await expect(loadConfig(recordingTerminal(folder, environment), {})).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(message) as string,
    });
  });
});
