import { execFile } from "node:child_process";
import { cp, mkdir, readFile, stat } from "node:fs/promises";
import { basename, delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { contextFiles, readStages, readVariables, type Instruction, type Stage } from "./container-files.ts";

const run = promisify(execFile);

/** A stage of a Dockerfile, made without a container engine: its root is an ordinary folder. */
export interface BuiltStage {
  readonly root: string;
  /** The working directory, within `root`. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  /** RUN steps that only a container can run: they install packages of its system, or name its users. */
  readonly notRun: readonly string[];
}

/** What a build works with. */
export interface BuildOptions {
  /** The repository: what its .dockerignore leaves is the context. */
  readonly root: string;
  /** An empty folder; each stage gets one in it. */
  readonly folder: string;
  /** What the steps see. */
  readonly environment: NodeJS.ProcessEnv;
}

/** Carries out the steps of a Dockerfile in their order, with this process's Node in place of the base image's. */
export async function buildStages(options: BuildOptions): Promise<Map<string, BuiltStage>> {
  const stages = readStages(await readFile(join(options.root, "Dockerfile"), "utf8"));
  const context = join(options.folder, "context");
  for (const file of contextFiles(options.root)) await cp(join(options.root, file), join(context, file));

  const built = new Map<string, BuiltStage>();
  for (const stage of stages) built.set(stage.name, await new StageBuild(options, built).build(stage, context));
  return built;
}

/** Makes one stage out of those before it. */
class StageBuild {
  readonly #options: BuildOptions;
  readonly #built: ReadonlyMap<string, BuiltStage>;

  constructor(options: BuildOptions, built: ReadonlyMap<string, BuiltStage>) {
    this.#options = options;
    this.#built = built;
  }

  async build(stage: Stage, context: string): Promise<BuiltStage> {
    const root = join(this.#options.folder, stage.name);
    await mkdir(root);
    const result = await this.#base(stage.base, root);
    for (const instruction of stage.instructions) {
      Object.assign(result, await this.#step(instruction, result, context));
    }
    return result;
  }

  async #base(base: string, root: string): Promise<BuiltStage> {
    const parent = this.#built.get(base);
    if (parent !== undefined) {
      await cp(parent.root, root, { recursive: true });
      return { ...parent, root, folder: join(root, parent.folder.slice(parent.root.length)) };
    }
    return { root, folder: root, environment: {}, entrypoint: [], command: [], healthcheck: [], notRun: [] };
  }

  async #step(instruction: Instruction, stage: BuiltStage, context: string): Promise<Partial<BuiltStage>> {
    const { keyword, text, exec = [] } = instruction;
    switch (keyword) {
      case "WORKDIR":
        await mkdir(join(stage.root, text), { recursive: true });
        return { folder: join(stage.root, text) };
      case "COPY":
        await this.#copy(instruction, stage, context);
        return {};
      case "RUN":
        if (/\b(?:apt-get|chown)\b/u.test(text)) return { notRun: [...stage.notRun, text] };
        await run("sh", ["-c", text], { cwd: stage.folder, env: this.#environment(stage) });
        return {};
      case "ENV":
        return { environment: { ...stage.environment, ...readVariables(text) } };
      case "ENTRYPOINT":
        return { entrypoint: exec };
      case "CMD":
        return { command: exec };
      case "HEALTHCHECK":
        return { healthcheck: exec };
      case "USER":
      case "EXPOSE":
        return {};
      default:
        throw new Error(`The test does not know what ${keyword} does; teach it.`);
    }
  }

  /** A folder's content goes into the target; a file becomes the target, or goes into it where that is a folder. */
  async #copy({ flags, text }: Instruction, stage: BuiltStage, context: string): Promise<void> {
    const paths = text.split(" ");
    const target = paths.pop() ?? "";
    const from = flags.get("from");
    const sourceRoot = from === undefined ? context : this.#built.get(from)?.root;
    if (sourceRoot === undefined) throw new Error(`There is no stage "${from}".`);
    const place = target.startsWith("/") ? join(stage.root, target) : join(stage.folder, target);
    for (const path of paths) {
      const source = join(sourceRoot, path);
      const isFolder = (await stat(source)).isDirectory();
      const intoFolder = !isFolder && (target.endsWith("/") || target === ".");
      await cp(source, intoFolder ? join(place, basename(path)) : place, { recursive: true });
    }
  }

  #environment(stage: BuiltStage): NodeJS.ProcessEnv {
    const path = [dirname(process.execPath), this.#options.environment["PATH"] ?? ""].join(delimiter);
    return { ...this.#options.environment, ...stage.environment, PATH: path };
  }
}
