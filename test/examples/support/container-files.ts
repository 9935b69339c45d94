import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DockerfileParser, type From, type JSONInstruction, type PropertyInstruction } from "dockerfile-ast";

/** One instruction of a Dockerfile. */
export interface Instruction {
  /** In upper case. */
  readonly keyword: string;
  /** Such as `--from=build`, without the dashes. */
  readonly flags: ReadonlyMap<string, string>;
  /** As written, without flags, its lines joined. */
  readonly text: string;
  /** Where the arguments are a JSON list: the exec form. */
  readonly exec: readonly string[] | undefined;
}

/** What one FROM begins. */
export interface Stage {
  readonly name: string;
  /** An image, or the name of an earlier stage. */
  readonly base: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile, in order. */
export function readStages(text: string): Stage[] {
  const stages: { name: string; base: string; instructions: Instruction[] }[] = [];
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction.getKeyword() === "FROM") {
      const from = instruction as From;
      stages.push({ name: from.getBuildStage() ?? "", base: from.getImage() ?? "", instructions: [] });
      continue;
    }
    const flags = "getFlags" in instruction ? (instruction as JSONInstruction).getFlags() : [];
    // A HEALTHCHECK has the instruction that it carries out as its argument.
    const exec = /^(?:CMD\s+)?(\[.*\])$/su.exec(instruction.getArgumentsContent() ?? "")?.[1];
    stages.at(-1)?.instructions.push({
      keyword: instruction.getKeyword(),
      flags: new Map(flags.map((flag) => [flag.getName(), flag.getValue() ?? ""])),
      text: instruction
        .getArguments()
        .map((argument) => argument.getValue())
        .join(" "),
      exec: exec === undefined ? undefined : (JSON.parse(exec) as string[]),
    });
  }
  return stages;
}

/** The variables that an ENV instruction sets. */
export function readVariables(text: string): Record<string, string> {
  const [instruction] = DockerfileParser.parse(`ENV ${text}`).getInstructions();
  const properties = (instruction as PropertyInstruction).getProperties();
  return Object.fromEntries(properties.map((property) => [property.getName(), property.getValue() ?? ""]));
}

/** The files that go to the builder: all but those that .dockerignore leaves out. Paths relative to `root`, sorted. */
export function contextFiles(root: string): string[] {
  const patterns = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ keeps: line.startsWith("!"), glob: line.replace(/^!/u, "") }));

  /** The last pattern that matches a path, or a folder that it is in, decides. */
  const isIgnored = (path: string): boolean => {
    const parts = path.split("/");
    const withFolders = parts.map((_, index) => parts.slice(0, index + 1).join("/"));
    const last = patterns.findLast(({ glob }) => withFolders.some((each) => matches(each, glob)));
    return last !== undefined && !last.keeps;
  };
  /** Whether a pattern may keep something below an ignored folder. */
  const mayKeepWithin = (path: string): boolean =>
    patterns.some(({ keeps, glob }) => keeps && glob.startsWith(`${path}/`));

  const walk = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return !isIgnored(path) || mayKeepWithin(path) ? walk(path) : [];
      return isIgnored(path) ? [] : [path];
    });
  return walk("").toSorted();
}

/** A star stands for any name, also one that begins with a dot. */
function matches(path: string, glob: string): boolean {
  const pattern = glob.replaceAll(/[.+?^${}()|[\]\\]/gu, String.raw`\$&`).replaceAll("*", "[^/]*");
  return new RegExp(`^${pattern}$`, "u").test(path);
}
