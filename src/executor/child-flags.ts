/** Flags that decide how modules are loaded; their value may follow as the next argument. */
const LOADING_FLAGS: ReadonlySet<string> = new Set([
  "--import",
  "--require",
  "-r",
  "--conditions",
  "-C",
  "--experimental-loader",
  "--loader",
]);

const ENVIRONMENT_FLAGS: ReadonlySet<string> = new Set(["--env-file", "--env-file-if-exists"]);

const MEMORY_FLAGS: ReadonlySet<string> = new Set([
  "--max-old-space-size",
  "--max-old-space-size-percentage",
  "--max-semi-space-size",
  "--min-semi-space-size",
  "--semi-space-growth-factor",
  "--max-heap-size",
  "--initial-heap-size",
  "--initial-old-space-size",
  "--stack-size",
]);

const MEMORY_SWITCHES: ReadonlySet<string> = new Set(["--optimize-for-size"]);

const LOADING_SWITCHES: ReadonlySet<string> = new Set([
  "--enable-source-maps",
  "--experimental-transform-types",
  "--experimental-strip-types",
  "--preserve-symlinks",
  "--no-warnings",
]);

/** Those which set the size of the heap of all threads at once. */
const HEAP_FLAGS: ReadonlySet<string> = new Set([
  "--max-old-space-size",
  "--max-old-space-size-percentage",
  "--max-heap-size",
]);

/** What must not arrive by `NODE_OPTIONS`: it would take a debugger's port, or run something else. */
const HARMFUL: ReadonlySet<string> = new Set(["-e", "--eval", "-p", "--print", "-c", "--check", "--input-type"]);
const HARMFUL_BEGINNINGS: readonly string[] = ["--inspect", "--debug-port", "--test", "--watch", "--experimental-test"];

/** What a process has as a whole, so that its threads share it. */
const PROCESS_WIDE: ReadonlySet<string> = new Set([
  "--icu-data-dir",
  "--openssl-config",
  "--openssl-legacy-provider",
  "--openssl-shared-config",
  "--report-compact",
  "--report-dir",
  "--report-directory",
  "--report-exclude-env",
  "--report-exclude-network",
  "--report-filename",
  "--report-on-fatalerror",
  "--report-on-signal",
  "--report-signal",
  "--report-uncaught-exception",
  "--secure-heap",
  "--secure-heap-min",
  "--title",
  "--trace-event-categories",
  "--trace-event-file-pattern",
  "--trace-sigint",
  "--use-bundled-ca",
  "--use-openssl-ca",
  "--v8-pool-size",
  "--zero-fill-buffers",
]);

interface Allowed {
  readonly switches: ReadonlySet<string>;
  /** Flags with a value. */
  readonly flags: ReadonlySet<string>;
}

const FOR_CHILDREN: Allowed = {
  switches: LOADING_SWITCHES.union(MEMORY_SWITCHES),
  flags: LOADING_FLAGS.union(ENVIRONMENT_FLAGS).union(MEMORY_FLAGS),
};

const FOR_THREADS: Allowed = { switches: LOADING_SWITCHES, flags: LOADING_FLAGS };

/**
 * Those of the parent's flags that children get as well: how modules are found and loaded, and how much memory there
 * is. Everything else stays away: a debugger's port can be had once only, `-e` and `--test` would run other code.
 */
export function childFlags(execArgv: readonly string[]): string[] {
  return choose(execArgv, FOR_CHILDREN);
}

/**
 * As {@link childFlags}, for threads of this process: they share its memory limits, which Node refuses to set for a
 * single one, and get a copy of its environment, with all that came from files.
 */
export function threadFlags(execArgv: readonly string[]): string[] {
  return choose(execArgv, FOR_THREADS);
}

/**
 * The environment of a child: the parent's, without what would break the child in `NODE_OPTIONS`, and without traces of
 * how the parent was forked.
 */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environmentWith(environment, (options) => partOptions(options, isHarmful).kept);
}

/** As {@link childEnvironment}, for a thread: what holds for its whole process Node refuses to set for it again. */
export function threadEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environmentWith(
    environment,
    (options) => partOptions(options, (name) => isHarmful(name) || isShared(name)).kept,
  );
}

/** As {@link threadEnvironment}, where Node has refused that: only what decides how modules are loaded. */
export function leastThreadEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return environmentWith(environment, (options) => choose(options, FOR_THREADS));
}

/** What `NODE_OPTIONS` holds that neither children nor threads get. */
export function optionsLeftOut(environment: NodeJS.ProcessEnv): string[] {
  return partOptions(splitOptions(environment["NODE_OPTIONS"] ?? ""), isHarmful).leftOut;
}

/** The flag of this process, if there is one, over which the limit of a single thread is ignored. */
export function heapFlagOf(execArgv: readonly string[], environment: NodeJS.ProcessEnv): string | undefined {
  const given = [...execArgv, ...splitOptions(environment["NODE_OPTIONS"] ?? "")];
  return given.find((flag) => HEAP_FLAGS.has(nameOf(flag)));
}

/** V8 reads its own flags with underscores as well. */
function nameOf(flag: string): string {
  return (flag.split("=", 1)[0] ?? "").replaceAll("_", "-");
}

function choose(execArgv: readonly string[], allowed: Allowed): string[] {
  const chosen: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index] ?? "";
    if (allowed.switches.has(flag)) chosen.push(flag);
    if (!allowed.flags.has(nameOf(flag))) continue;
    chosen.push(flag);
    const value = execArgv[index + 1];
    if (flag.includes("=") || value === undefined || value.startsWith("-")) continue;
    chosen.push(value);
    index += 1;
  }
  return chosen;
}

function isHarmful(name: string): boolean {
  return HARMFUL.has(name) || HARMFUL_BEGINNINGS.some((beginning) => name.startsWith(beginning));
}

function isShared(name: string): boolean {
  return MEMORY_FLAGS.has(name) || MEMORY_SWITCHES.has(name) || ENVIRONMENT_FLAGS.has(name) || PROCESS_WIDE.has(name);
}

/** Options with the values that follow them, parted in two. */
function partOptions(
  options: readonly string[],
  isLeftOut: (name: string) => boolean,
): { readonly kept: string[]; readonly leftOut: string[] } {
  const kept: string[] = [];
  const leftOut: string[] = [];
  let target = kept;
  for (const option of options) {
    if (option.startsWith("-")) target = isLeftOut(nameOf(option)) ? leftOut : kept;
    target.push(option);
  }
  return { kept, leftOut };
}

function environmentWith(
  environment: NodeJS.ProcessEnv,
  filter: (options: readonly string[]) => readonly string[],
): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: options = "",
    NODE_CHANNEL_FD: _channel,
    NODE_CHANNEL_SERIALIZATION_MODE: _mode,
    NODE_UNIQUE_ID: _clusterId,
    ...kept
  } = environment;
  const flags = filter(splitOptions(options));
  return flags.length === 0 ? kept : { ...kept, NODE_OPTIONS: flags.map(quoteOption).join(" ") };
}

/** As Node reads `NODE_OPTIONS`: separated by spaces, double quotes keep together, a backslash escapes within them. */
function splitOptions(options: string): string[] {
  const found = options.match(/(?:"(?:\\.|[^"\\])*"|[^\s"])+/gs) ?? [];
  return found.map((option) => option.replaceAll(/"((?:\\.|[^"\\])*)"/gs, (_, quoted: string) => unescape(quoted)));
}

function unescape(quoted: string): string {
  return quoted.replaceAll(/\\(.)/gs, "$1");
}

function quoteOption(option: string): string {
  return /[\s"]/.test(option) ? `"${option.replaceAll(/["\\]/g, "\\$&")}"` : option;
}
