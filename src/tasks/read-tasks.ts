import { isModuleNamespaceObject } from "node:util/types";
import { Stage3Error } from "../core/errors.ts";
import { isName, NAME_FORMS } from "../core/names.ts";
import type { FunctionPolicy } from "../core/options/settings.ts";
import { showValue } from "../core/show-value.ts";
import { parseFunctionPolicy } from "../core/options/task-options.ts";
import { isTaskDefinition } from "./task-definition.ts";

/** A function that can be run. */
export interface ReadTask {
  readonly handler: (...args: readonly unknown[]) => unknown;
  readonly policy: FunctionPolicy;
}

/**
 * The functions of an object by name, as `defineTasks({ … })` returns it, or of an imported module whose default export
 * that is. Only own enumerable names count, so `constructor` or `__proto__` are unknown unless somebody defines them.
 *
 * @throws Stage3Error `INVALID_OPTION` when there is no such object, or when a name, an entry or a policy in it is not valid.
 */
export function readTasks(module: unknown): Map<string, ReadTask> {
  const functions = isModuleNamespaceObject(module) ? defaultExportOf(module) : module;
  if (typeof functions !== "object" || functions === null || Array.isArray(functions)) {
    throw invalid("The tasks must be an object of functions by name, as defineTasks({ … }) returns it.");
  }
  const byName = functions as Record<string, unknown>;
  return new Map(Object.keys(byName).map((name) => [name, readTask(name, byName[name], byName)]));
}

/** The default export; for a CommonJS file that was compiled from an ES module, the one that its author meant. */
export function defaultExportOf(module: unknown): unknown {
  const exported = (module as { default?: unknown }).default;
  if (exported === undefined) {
    throw invalid("The tasks module has no default export. Write: export default defineTasks({ … }).");
  }
  const compiled = typeof exported === "object" && exported !== null && "__esModule" in exported;
  return compiled && "default" in exported ? exported.default : exported;
}

function readTask(name: string, entry: unknown, functions: object): ReadTask {
  if (!isName(name))
    throw invalid(`The name of a function in the tasks must be ${NAME_FORMS}, not ${showValue(name)}.`);
  if (isTaskDefinition(entry)) {
    return { handler: bind(name, entry.handler, functions), policy: parseFunctionPolicy(entry.policy, name) };
  }
  return { handler: bind(name, entry, functions), policy: {} };
}

/** Methods may call each other through `this`. */
function bind(name: string, handler: unknown, functions: object): ReadTask["handler"] {
  if (typeof handler !== "function") {
    throw invalid(
      `The tasks entry ${JSON.stringify(name)} is not a function (${handler === null ? "null" : typeof handler}). ` +
        "Give a function, or task(policy, function).",
    );
  }
  return (...args) => Reflect.apply(handler, functions, args) as unknown;
}

function invalid(message: string): Stage3Error {
  return new Stage3Error("INVALID_OPTION", message);
}
