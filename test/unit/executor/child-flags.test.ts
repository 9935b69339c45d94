import { expect, test } from "vitest";
import {
  childEnvironment,
  childFlags,
  heapFlagOf,
  leastThreadEnvironment,
  optionsLeftOut,
  threadEnvironment,
  threadFlags,
} from "../../../src/executor/child-flags.ts";

test.each([
  ["--import", "./a.ts"],
  ["--import=./a.ts"],
  ["-r", "./a.cjs"],
  ["--require=./a.cjs"],
  ["-C", "development"],
  ["--conditions=development"],
  ["--env-file=.env"],
  ["--env-file-if-exists", ".env"],
  ["--max-old-space-size=100"],
  ["--max_old_space_size=100"],
  ["--max-semi-space-size=16"],
  ["--stack-size=2000"],
  ["--enable-source-maps"],
])("%s %s is passed on", (...flags) => {
  expect(childFlags(flags)).toEqual(flags);
});

test.each([
  ["--inspect"],
  ["--inspect=0.0.0.0:9229"],
  ["--inspect-brk"],
  ["--inspect-port=1"],
  ["-e", "process.exit()"],
  ["--eval=1"],
  ["-p", "1"],
  ["--input-type=module"],
  ["--test"],
  ["--test-reporter", "spec"],
  ["--watch"],
  ["--watch-path=src"],
  ["--cpu-prof"],
  ["--report-on-fatalerror"],
])("%s %s stays away", (...flags) => {
  expect(childFlags([...flags, "--import=./a.ts"])).toEqual(["--import=./a.ts"]);
});

test("a flag at the end may lack its value", () => {
  expect(childFlags(["--import"])).toEqual(["--import"]);
});

test("NODE_OPTIONS arrives without what would break a child, quotes kept", () => {
  const options =
    '--inspect --import "./my file.ts" --watch --require="a\\"b.cjs" --max-old-space-size=100 --input-type module ' +
    "--unhandled-rejections warn --test-only --cpu-prof --use-openssl-ca --inspect-port=0";
  expect(childEnvironment({ NODE_OPTIONS: options, A: "1" })).toEqual({
    NODE_OPTIONS:
      '--import "./my file.ts" "--require=a\\"b.cjs" --max-old-space-size=100 --unhandled-rejections warn --cpu-prof ' +
      "--use-openssl-ca",
    A: "1",
  });
  expect(optionsLeftOut({ NODE_OPTIONS: options })).toEqual([
    "--inspect",
    "--watch",
    "--input-type",
    "module",
    "--test-only",
    "--inspect-port=0",
  ]);
  expect(optionsLeftOut({})).toEqual([]);
});

test("nothing tells a child how its parent was forked", () => {
  const environment = { NODE_OPTIONS: "--inspect", NODE_CHANNEL_FD: "3", NODE_UNIQUE_ID: "1", A: "1" };
  expect(childEnvironment(environment)).toEqual({ A: "1" });
});

test.each([
  ["--max-old-space-size=100"],
  ["--max_old_space_size=100"],
  ["--stack-size=2000"],
  ["--optimize-for-size"],
  ["--env-file=.env"],
  ["--inspect"],
  ["--use-openssl-ca"],
  ["--title=x"],
])("%s stays away from a thread, which shares it or must not have it", (flag) => {
  expect(threadFlags([flag, "--import", "./a.ts", "--no-warnings"])).toEqual(["--import", "./a.ts", "--no-warnings"]);
  const environment = { NODE_OPTIONS: `${flag} --conditions=x`, A: "1" };
  expect(threadEnvironment(environment)).toEqual({ NODE_OPTIONS: "--conditions=x", A: "1" });
  expect(leastThreadEnvironment(environment)).toEqual({ NODE_OPTIONS: "--conditions=x", A: "1" });
});

test("a flag that sets the heap of all threads is found wherever it is given", () => {
  expect(heapFlagOf(["--import", "./a.ts"], {})).toBeUndefined();
  expect(heapFlagOf(["--max-old-space-size=100"], {})).toBe("--max-old-space-size=100");
  expect(heapFlagOf([], { NODE_OPTIONS: "--no-warnings --max_old_space_size=9" })).toBe("--max_old_space_size=9");
});
