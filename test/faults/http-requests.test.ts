import { METHODS } from "node:http";
import { expect } from "vitest";
import { testFault } from "../support/fault.ts";
import { line, post, serveQueue, statusIn, TASK } from "./support/served-queue.ts";

const BODY = JSON.stringify(TASK);
const NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057";

/** Those that mean something on one of the paths, or to the server itself. */
const HANDLED: ReadonlySet<string> = new Set(["GET", "HEAD", "POST", "DELETE", "CONNECT"]);

testFault(
  {
    area: "http",
    fault: "wrong methods",
    injected: "every method that the parser knows and some that it does not, on each path; upgrades and expectations",
    holds: "405 with Allow, 404 or 400, never 5xx; nothing is stored",
  },
  async () => {
    const { exchange, statusOf, stored } = await serveQueue();
    for (const method of METHODS.filter((name) => !HANDLED.has(name))) {
      for (const path of ["/", `/${NO_ID}`, "/health/live", "/health/ready"]) {
        const answer = await exchange(line(method, path));
        expect(statusIn(answer), `${method} ${path}`).toBe(405);
        expect(answer).toMatch(/^allow: /imu);
      }
    }
    expect(await statusOf(line("GET", "/"))).toBe(405);
    expect(await statusOf(line("HEAD", "/"))).toBe(405);
    expect(await statusOf(line("DELETE", "/"))).toBe(405);
    expect(await statusOf(line("POST", `/${NO_ID}`))).toBe(405);
    for (const method of ["FOO", "get", "", "POST\t", "P\0ST"]) expect(await statusOf(line(method, "/"))).toBe(400);
    // A tunnel is not answered at all.
    expect(await statusOf(line("CONNECT", "localhost:80"))).toBe(0);
    expect(await statusOf(line("GET", `/${NO_ID}`, "Upgrade: websocket\r\nConnection: Upgrade\r\n"))).toBe(404);
    expect(await statusOf(Buffer.concat([Buffer.from(post("", "Expect: a miracle\r\n"))]))).toBe(417);
    expect(await stored()).toBe(0);
  },
);

/** Each with what it must be answered as a `POST`; 200 where it is another way to write `/`. */
const PATHS: readonly (readonly [path: string, status: number])[] = [
  ["//", 404],
  ["///", 404],
  ["//localhost/", 404],
  ["/.//", 404],
  ["/%2e%2e/x/", 404],
  ["/%2F", 405],
  ["/%2f%2f", 405],
  ["/%5c", 405],
  ["/%", 405],
  ["/%00", 405],
  ["/%ff%fe", 405],
  ["/..%2f..%2fetc%2fpasswd", 405],
  ["/;a=b", 405],
  [`/${"a".repeat(8_000)}`, 405],
  [`/${"a/".repeat(4_000)}`, 404],
  [`/${"a".repeat(40_000)}`, 431],
  ["/a b", 400],
  ["/\0", 400],
  ["*", 400],
  ["localhost", 400],
  ["ftp://localhost/", 400],
  ["http://example.com/", 421],
  ["http://localhost@example.com/", 421],
  ["http:///", 400],
  ["http://[/", 400],
  ["/./", 200],
  ["/x/..", 200],
  ["/x/%2e%2E", 200],
  ["/..", 200],
  ["/?x=1", 200],
  ["/#x", 200],
  ["http://localhost/", 200],
];

testFault(
  {
    area: "http",
    fault: "path tricks",
    injected:
      "double and encoded slashes and dots, NUL, absolute and asterisk forms, other hosts in them, 40,000 characters",
    holds: "400, 404, 405, 421 or 431, unless it is another way to write the same path; never 5xx; nothing is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    const wrong: string[] = [];
    for (const [path, status] of PATHS) {
      const request = Buffer.from(Buffer.from(post(BODY)).toString("latin1").replace("/ ", `${path} `), "latin1");
      const given = await statusOf(request);
      if (given !== status) wrong.push(`${path.slice(0, 40)}: ${given}, not ${status}`);
    }
    expect(wrong).toEqual([]);
    expect(await stored()).toBe(PATHS.filter(([, status]) => status === 200).length);
    for (const path of [`/%30${NO_ID.slice(1)}`, `/${NO_ID}/`, `//${NO_ID}`, `/${NO_ID}%00`, `/${NO_ID}?id=1`]) {
      expect(await statusOf(line("DELETE", path))).toBe(404);
    }
  },
);

testFault(
  {
    area: "http",
    fault: "a foreign Host",
    injected: "other names, addresses, look-alikes, none, two of them, and those with signs that no name has",
    holds: "421 or 400, on reads, writes and health checks; nothing is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    const withHost = (host: string): Buffer =>
      Buffer.from(Buffer.from(post(BODY)).toString("latin1").replace("Host: localhost\r\n", host), "latin1");
    for (const host of [
      "example.com",
      "localhost.example.com",
      "example.com:4000",
      "127.0.0.1.nip.io",
      "localhost.",
      "0.0.0.0",
      "127.1",
      "[::]",
      "localhost:99999999",
      "",
    ]) {
      expect([400, 421], host).toContain(await statusOf(withHost(`Host: ${host}\r\n`)));
      expect([400, 421], host).toContain(await statusOf(line("GET", "/health/live").replace("localhost", host)));
    }
    expect(await statusOf(withHost(""))).toBe(421);
    // Two of them: the first counts, or it is refused.
    expect([400, 421]).toContain(await statusOf(withHost("Host: example.com\r\nHost: localhost\r\n")));
    for (const host of ["a b", "local\0host", "localhost/x", "user@localhost", "localhost#x", "lo\\calhost"]) {
      expect([400, 421], host).toContain(await statusOf(withHost(`Host: ${host}\r\n`)));
    }
    expect(await stored()).toBe(0);
    for (const host of ["localhost", "LOCALHOST:1", "127.0.0.1:4000", "[::1]"]) {
      expect(await statusOf(withHost(`Host: ${host}\r\n`))).toBe(200);
    }
  },
);

testFault(
  {
    area: "http",
    fault: "a write that a browser sends for a foreign page",
    injected: "foreign, null and broken Origin; Sec-Fetch-Site: cross-site; a form's content types",
    holds: "403 on POST and DELETE (415 for a form's), nothing is stored; reads are answered",
  },
  async () => {
    const { statusOf, stored } = await serveQueue();
    for (const headers of [
      "Origin: https://example.com\r\n",
      "Origin: null\r\n",
      "Origin: http://localhost.example.com\r\n",
      "Origin: http://localhost:1\r\n",
      "Origin: localhost\r\n",
      "Origin: http://[\r\n",
      "Origin: http://localhost, https://example.com\r\n",
      "Sec-Fetch-Site: cross-site\r\n",
      "Origin: http://localhost\r\nSec-Fetch-Site: cross-site\r\n",
    ]) {
      expect(await statusOf(post(BODY, headers)), headers).toBe(403);
      expect(await statusOf(line("DELETE", `/${NO_ID}`, headers)), headers).toBe(403);
      expect(await statusOf(line("GET", `/${NO_ID}`, headers)), headers).toBe(404);
    }
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
      const form = Buffer.from(post(BODY)).toString("latin1").replace("application/json", type);
      expect(await statusOf(form)).toBe(415);
    }
    expect(await stored()).toBe(0);
    expect(await statusOf(post(BODY, "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n"))).toBe(200);
  },
);
