import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { runCli } from "./cli-process.ts";

describe("torture", () => {
  it("breaks simulated and real workers, reports, and leaves nothing behind", async () => {
    const folder = temporaryFolder();
    const database = `sqlite:${join(folder, "queue.db")}`;
    const args = ["torture", "--minutes", "0.05", "--seed", "7", "--database", database];
    const { code, stdout, stderr } = await runCli(args, { folder });
    expect(stderr).toMatch(/^Seed 7, about 0\.05 min; databases in .*stage3queue-torture-/);
    expect(stdout).toMatch(/Simulated: \d+ runs? .*\n.* 0 lost, 0 unexpected/);
    expect(stdout).toMatch(/Real processes: \d+ rounds?, .*\n.* 0 lost, 0 unexpected/);
    expect(stdout).toMatch(/No promise was broken\.$/);
    expect(code).toBe(0);
    expect(readdirSync(folder)).toEqual([]);
  }, 60_000);

  it.each([
    [["--minutes", "0"], /A number of more than 0/],
    [["--minutes", "soon"], /A number of more than 0/],
    [["--seed", "-1"], /A whole number from 0/],
  ])("refuses %j", async (flags, message) => {
    const { code, stderr } = await runCli(["torture", ...flags], { folder: temporaryFolder() });
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  it("refuses a database that this version does not offer", async () => {
    const args = ["torture", "--database", "postgres://localhost/queue", "--json"];
    const { code, stderr } = await runCli(args, { folder: temporaryFolder() });
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ code: "INVALID_OPTION", status: "error" });
  });
});
