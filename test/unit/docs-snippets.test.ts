import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { main } from "../../src/cli/main.ts";
import { recordingTerminal } from "./cli/recording-terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path: string): string => readFileSync(join(root, path), "utf8");

const documents = globSync(["*.md", "docs/**/*.md", "examples/**/*.md"], { cwd: root }).toSorted();
const examples = globSync("examples/**/*.{ts,cjs}", { cwd: root }).map((path) => withoutIndentation(read(path)));

const FENCE = "```";

interface Block {
  readonly document: string;
  readonly line: number;
  readonly text: string;
}

describe("programs in the docs", () => {
  test.each([...blocks("ts"), ...blocks("js")])("$document:$line stands in an example", ({ text }) => {
    expect(examples.some((example) => example.includes(withoutIndentation(text)))).toBe(true);
  });
});

describe("commands in the docs", () => {
  const commands = blocks("sh").flatMap(({ document, text }) =>
    [...text.matchAll(/^(?:npx )?(stage3queue .*)$/gmu)].map(([, command = ""]) => ({ document, command })),
  );

  test.each(commands)("$document: $command is one that the command knows", async ({ command }) => {
    const [, first = "", second = ""] = command.split(/\s+/u);
    const path = first === "dlq" ? [first, second] : [first];
    const terminal = recordingTerminal();
    expect(await main([...path, "--help"], terminal)).toBe(0);
    const help = terminal.outLines.join("\n");
    expect(help).toContain(`Usage: stage3queue ${path.join(" ")} `);
    for (const flag of command.match(/(?<= )--[\w-]+/gu) ?? []) expect(help).toContain(`${flag} `);
  });

  test("the README has the calls of the REST API as they are promised", () => {
    const readme = read("README.md");
    expect(readme).toContain(
      `curl --header "Content-Type: application/json" --request POST --data ` +
        `'{"topic":"default","function":"send emails","args":["admin@example.com", ["customer@example.com"]]}' ` +
        "http://localhost:4000\n",
    );
    expect(readme).toContain("\ncurl http://localhost:4000/<id>\n");
    expect(readme).toContain("\ncurl --request DELETE http://localhost:4000/<id>\n");
  });
});

test("the README is at most 200 lines long", () => {
  expect(read("README.md").split("\n").length).toBeLessThanOrEqual(201);
});

test.each(documents)("the relative links of %s lead somewhere", (document) => {
  const links = [...withoutBlocks(read(document)).matchAll(/\]\(([^)\s]+)\)/gu)].map(([, target = ""]) => target);
  const relative = links.filter((target) => !/^[a-z]+:/u.test(target));
  const broken = relative.filter((target) => {
    const [path = "", anchor] = target.split("#");
    const file = path === "" ? join(root, document) : resolve(root, dirname(document), path);
    return !existsSync(file) || (anchor !== undefined && !headings(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test("every page of the docs can be reached from the README", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path) || !path.endsWith(".md") || !existsSync(path)) return;
    reached.add(path);
    for (const [, target = ""] of readFileSync(path, "utf8").matchAll(/\]\(([^)\s#]+)/gu)) {
      follow(resolve(dirname(path), target));
    }
  };
  follow(join(root, "README.md"));
  expect(documents.filter((document) => !reached.has(join(root, document)))).toEqual([]);
});

function blocks(language: string): Block[] {
  const pattern = new RegExp(String.raw`^( *)${FENCE}${language}\n(.*?)^\1${FENCE}$`, "gmsu");
  return documents.flatMap((document) => {
    const page = read(document);
    return [...page.matchAll(pattern)].map((match) => ({
      document,
      line: page.slice(0, match.index).split("\n").length,
      text: match[2] ?? "",
    }));
  });
}

function withoutBlocks(page: string): string {
  return page.replaceAll(/^```.*?^```$/gmsu, "");
}

function withoutIndentation(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim();
}

/** The anchors that a page's headings have on the web. */
function headings(file: string): string[] {
  const found = [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gmu)];
  return found.map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
}
