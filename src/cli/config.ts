import { dirname } from "node:path";
import { type DatabaseLocation, parseDatabaseUrl } from "../core/database-url.ts";
import { Stage3Error } from "../core/errors.ts";
import type { StandaloneConfig, Stage3QueueOptions } from "../core/options/types.ts";
import { resolveConfig } from "../core/options/resolve-options.ts";
import type { ResolvedHttp } from "../core/options/instance-readers.ts";
import { loadConfigFile } from "./config-file.ts";
import type { Terminal } from "./terminal.ts";

/** The flags that belong to the configuration. */
export interface ConfigFlags {
  readonly config?: string;
  readonly database?: string;
  readonly host?: string;
  readonly port?: number;
}

/** What the command works with: flag, else environment, else file, else default. */
export interface Config {
  /** For `Stage3Queue.open`. */
  readonly options: Stage3QueueOptions;
  readonly http: ResolvedHttp;
  readonly maxPayloadBytes: number;
  readonly database: DatabaseLocation;
  /** The configuration file; undefined: there is none. */
  readonly file: string | undefined;
  /** Whether any queue has tasks to run. */
  readonly hasTasks: boolean;
}

/** The configuration. @throws Stage3Error `INVALID_OPTION` with one sentence that says what is wrong, and where. */
export async function loadConfig({ folder, environment }: Terminal, flags: ConfigFlags): Promise<Config> {
  const file = await loadConfigFile(folder, flags.config);
  // Checked first as it stands, so that a message names what the file says.
  if (file !== undefined) resolveConfig(file.config);
  const { http = {}, database, ...rest } = (file?.config ?? {}) as StandaloneConfig;
  const fileFolder = file === undefined ? folder : dirname(file.path);
  const options = {
    ...rest,
    database:
      atFolder(flags.database ?? given(environment["STAGE3_DATABASE"]), folder) ?? atFolder(database, fileFolder),
  };
  const host = flags.host ?? given(environment["HOST"]) ?? http.host;
  const port = flags.port ?? portOf(given(environment["PORT"])) ?? http.port;
  const token = given(environment["STAGE3_TOKEN"]) ?? http.token;
  const resolved = resolveConfig({ ...options, http: { host, port, token } });
  const { database: url, queues, maxPayloadBytes } = resolved.options;
  return {
    options,
    http: resolved.http,
    maxPayloadBytes,
    database: parseDatabaseUrl(url, folder),
    file: file?.path,
    hasTasks: [...queues.values()].some(({ tasks }) => tasks !== undefined),
  };
}

/** An environment variable that is set, but empty, counts as not given. */
function given(variable: string | undefined): string | undefined {
  return variable === "" ? undefined : variable;
}

/** The database, its file as an absolute path. */
function atFolder(database: string | undefined, folder: string): string | undefined {
  if (database === undefined) return undefined;
  const location = parseDatabaseUrl(database, folder);
  return location.kind === "sqlite" ? `sqlite:${location.file}` : database;
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined || /^\d{1,5}$/u.test(text)) return text === undefined ? undefined : Number(text);
  throw new Stage3Error("INVALID_OPTION", `PORT must be a whole number from 0 to 65535, not ${JSON.stringify(text)}.`);
}
