import { expect, test } from "vitest";
import { parseDatabaseUrl } from "../../../src/core/database-url.ts";
import { invalidOption } from "./invalid.ts";

test("a file is relative to the base folder", () => {
  expect(parseDatabaseUrl("sqlite:data/stage3.db", "/srv/app")).toEqual({
    kind: "sqlite",
    file: "/srv/app/data/stage3.db",
  });
  expect(parseDatabaseUrl("sqlite:../a b.db", "/srv/app")).toEqual({ kind: "sqlite", file: "/srv/a b.db" });
});

test("a file may be absolute", () => {
  expect(parseDatabaseUrl("sqlite:/var/lib/stage3.db", "/srv/app")).toEqual({
    kind: "sqlite",
    file: "/var/lib/stage3.db",
  });
});

test("memory: is a database in memory", () => {
  expect(parseDatabaseUrl("memory:", "/srv/app")).toEqual({ kind: "memory" });
});

test("SQLite's own word for memory is refused with the right one", () => {
  expect(() => parseDatabaseUrl("sqlite::memory:", "/")).toThrow(invalidOption("write memory:"));
});

test.each([["postgres://localhost/stage3"], ["postgresql://localhost/stage3"]])("%s is not offered yet", (url) => {
  expect(() => parseDatabaseUrl(url, "/")).toThrow(invalidOption("PostgreSQL is not offered by this version"));
});

test.each(["sqlite://foo.db", "sqlite:///abs/foo.db", "sqlite:////foo.db"])(
  "refuses %s and says what to write",
  (url) => {
    const remedy = "write sqlite:foo.db or sqlite:/abs/foo.db";
    expect(() => parseDatabaseUrl(url, "/srv/app")).toThrow(invalidOption(remedy));
  },
);

test.each([[""], ["sqlite:"], ["sqlite:a\0b"], ["stage3.db"], ["mysql://localhost"], ["memory:x"], ["SQLITE:a"]])(
  "%j is refused with the forms that are allowed",
  (url) => {
    expect(() => parseDatabaseUrl(url, "/")).toThrow(invalidOption('database must be "sqlite:FILE" or "memory:"'));
  },
);

test("a refusal repeats no password", () => {
  const message = expect.not.stringContaining("secret") as string;
  for (const url of ["mysql://user:secret@host/db", "postgres://user:secret@host/db"]) {
    expect(() => parseDatabaseUrl(url, "/")).toThrow(expect.objectContaining({ message }));
  }
});
