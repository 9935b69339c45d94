/** Flags that decide how modules are loaded; their value may follow as the next argument. */
const LOADING_FLAGS: ReadonlySet<string> = new Set([
  "--import",
  "--require",
  "-r",
  "--conditions",
  "-C",
  "--env-file",
  "--env-file-if-exists",
  "--experimental-loader",
  "--loader",
]);

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

const SWITCHES: ReadonlySet<string> = new Set([
  "--optimize-for-size",
  "--enable-source-maps",
  "--experimental-transform-types",
  "--experimental-strip-types",
  "--preserve-symlinks",
  "--no-warnings",
]);

/**
 * Those of the parent's flags that children get as well: how modules are found and loaded, and how much memory there
 * is. Everything else stays away: a debugger's port can be had once only, `-e` and `--test` would run other code.
 */
export function childFlags(execArgv: readonly string[]): string[] {
  const flags: string[] = [];
  for (let index = 0; index < execArgv.length; index += 1) {
    const flag = execArgv[index] ?? "";
    const [name = ""] = flag.split("=", 1);
    // V8 reads its own flags with underscores as well.
    const dashed = name.replaceAll("_", "-");
    if (SWITCHES.has(flag)) flags.push(flag);
    if (!LOADING_FLAGS.has(dashed) && !MEMORY_FLAGS.has(dashed)) continue;
    flags.push(flag);
    const value = execArgv[index + 1];
    if (flag !== name || value === undefined || value.startsWith("-")) continue;
    flags.push(value);
    index += 1;
  }
  return flags;
}

/** The environment of a child: the parent's, with `NODE_OPTIONS` filtered, and without traces of how it was forked. */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const {
    NODE_OPTIONS: options = "",
    NODE_CHANNEL_FD: _channel,
    NODE_CHANNEL_SERIALIZATION_MODE: _mode,
    NODE_UNIQUE_ID: _clusterId,
    ...kept
  } = environment;
  const flags = childFlags(splitOptions(options));
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
