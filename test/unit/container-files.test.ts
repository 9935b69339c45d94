import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as dclint from "dclint";
import { validate } from "dockerfile-utils";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { contextFiles, readStages, readVariables } from "../examples/support/container-files.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const dockerfile = readFileSync(join(root, "Dockerfile"), "utf8");
const compose = readFileSync(join(root, "docker-compose.yml"), "utf8");

/** What is used of the linter, whose own types this compiler does not find. */
const {
  DCLinter,
}: {
  readonly DCLinter: new (config: object) => {
    lintFiles(paths: string[], recursive: boolean): { readonly messages: readonly { readonly message: string }[] }[];
  };
} = dclint;

describe("the Dockerfile", () => {
  const stages = readStages(dockerfile);
  const instructions = stages.flatMap((stage) => stage.instructions);
  const image = stages.at(-1);
  const last = (keyword: string) => image?.instructions.findLast((each) => each.keyword === keyword);

  test("parses without a complaint", () => {
    expect(validate(dockerfile)).toEqual([]);
    expect(validate("FROM node\nCOPPY a b\n")).not.toEqual([]);
  });

  test("builds on one image, with a fixed major version of Node and of its system", () => {
    const names = new Set(stages.map(({ name }) => name));
    const images = stages.map(({ base }) => base).filter((base) => !names.has(base));
    expect(images).toEqual(["node:24-bookworm-slim"]);
  });

  test("runs as a user without rights, from the start", () => {
    expect(last("USER")?.text).toBe("node");
  });

  test("starts in exec form, so that signals arrive, under an init that passes them on", () => {
    expect(last("ENTRYPOINT")?.exec).toEqual(["/usr/bin/tini", "--"]);
    expect(last("CMD")?.exec?.slice(0, 3)).toEqual(["node", "bin/stage3queue.js", "start"]);
  });

  test("asks the instance whether it is ready, with what the image has", () => {
    const [program, , script] = last("HEALTHCHECK")?.exec ?? [];
    expect(program).toBe("node");
    expect(script).toContain("/health/ready");
  });

  test("serves where it says", () => {
    const variables = readVariables(last("ENV")?.text ?? "");
    expect(variables["HOST"]).toBe("0.0.0.0");
    expect(variables["PORT"]).toBe(last("EXPOSE")?.text);
    expect(variables).not.toHaveProperty("STAGE3_TOKEN");
  });

  test("installs fixed packages of the system, nothing beside them, and leaves no lists", () => {
    const installs = instructions.filter(({ text }) => text.includes("apt-get"));
    expect(installs).not.toEqual([]);
    for (const { text } of installs) {
      expect(text).toMatch(/^apt-get update && apt-get install --yes --no-install-recommends( [a-z-]+=\S+)+ && /u);
      expect(text).toMatch(/&& rm -rf \/var\/lib\/apt\/lists\/\*$/u);
    }
  });

  test("installs what the lock file says, and runs no package's scripts", () => {
    const installs = instructions.filter(({ text }) => /\bnpm\b/u.test(text));
    expect(installs).not.toEqual([]);
    for (const { text } of installs) expect(text).toMatch(/^npm ci .*--ignore-scripts/u);
  });

  test("copies only what reaches the builder, and that is only what it copies", () => {
    const copies = instructions.filter(({ keyword, flags }) => keyword === "COPY" && !flags.has("from"));
    const sources = new Set(copies.flatMap(({ text }) => text.split(" ").slice(0, -1)));
    const files = contextFiles(root);
    const isWithin = (file: string, source: string): boolean => file === source || file.startsWith(`${source}/`);
    const unreached = [...sources].filter((source) => !files.some((file) => isWithin(file, source)));
    const uncopied = files.filter((file) => ![...sources].some((source) => isWithin(file, source)));
    expect({ unreached, uncopied }).toEqual({ unreached: [], uncopied: [] });
    expect(instructions.some(({ keyword }) => keyword === "ADD")).toBe(false);
  });
});

describe("the compose file", () => {
  const { services, volumes } = parse(compose) as {
    services: Record<string, { ports: string[]; volumes: string[]; environment: Record<string, string> }>;
    volumes: Record<string, unknown>;
  };

  /** What the schema of the Compose Specification and good habits have against it. */
  function complaints(file: string): string[] {
    const rules = {
      "require-project-name-field": 0, // older versions of docker-compose refuse it
      "require-quotes-in-ports": [1, { quoteType: "double" }],
    };
    const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] });
    return linter.lintFiles([file], false).flatMap(({ messages }) => messages.map(({ message }) => message));
  }

  test("fits the schema of the Compose Specification", () => {
    expect(complaints(join(root, "docker-compose.yml"))).toEqual([]);
  });

  test.each([
    { from: "read_only: true", to: "read_only: []" },
    { from: "stop_grace_period:", to: "stop_grace_time:" },
    { from: "volumes:\n      - data:", to: "volumes:\n      data:" },
  ])("would not fit it with $to", ({ from, to }) => {
    expect(compose).toContain(from);
    const file = join(temporaryFolder(), "docker-compose.yml");
    writeFileSync(file, compose.replace(from, to));
    expect(complaints(file)).not.toEqual([]);
  });

  test("publishes the image's port on loopback, since the token it falls back to is no secret", () => {
    expect(services["app"]?.ports).toEqual(["127.0.0.1:4000:4000"]);
    // oxlint-disable-next-line eslint/no-template-curly-in-string
    expect(services["app"]?.environment["STAGE3_TOKEN"]).toBe("${STAGE3_TOKEN:-development}");
  });

  test("keeps the example's data on a named volume", () => {
    const [volume, folder] = services["app"]?.volumes[0]?.split(":") ?? [];
    expect(Object.keys(volumes)).toEqual([volume]);
    expect(folder).toBe("/app/data");
    const [base] = readStages(dockerfile);
    expect(base?.instructions.find(({ keyword }) => keyword === "WORKDIR")?.text).toBe("/app");
    expect(existsSync(join(root, "examples", "app", "stage3queue.config.ts"))).toBe(true);
  });
});
