import { timingSafeEqual } from "node:crypto";
import { expect, vi } from "vitest";
import { testFault } from "../support/fault.ts";
import { line, post, serveQueue, TASK } from "./support/served-queue.ts";

vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, timingSafeEqual: vi.fn<typeof crypto.timingSafeEqual>(crypto.timingSafeEqual) };
});

const TOKEN = "s3cret-of-some-length";
const BODY = JSON.stringify(TASK);
const NO_ID = "01890a5d-ac96-774b-bcce-b302099a8057";
const compare = vi.mocked(timingSafeEqual);

testFault(
  {
    area: "http",
    fault: "a token that is missing, or not where it belongs",
    injected: "none; in the query, the path, a cookie, the body, as user and password, under other schemes and headers",
    holds: "401, nothing is stored; health checks are answered without",
  },
  async () => {
    const { statusOf, stored } = await serveQueue({ token: TOKEN });
    const basic = Buffer.from(`${TOKEN}:${TOKEN}`).toString("base64");
    for (const headers of [
      "",
      "Authorization: Bearer\r\n",
      "Authorization: Bearer \r\n",
      `Authorization: ${TOKEN}\r\n`,
      `Authorization: Basic ${basic}\r\n`,
      `Authorization: Token ${TOKEN}\r\n`,
      `Cookie: token=${TOKEN}\r\n`,
      `X-Api-Key: ${TOKEN}\r\n`,
      `Proxy-Authorization: Bearer ${TOKEN}\r\n`,
    ]) {
      expect(await statusOf(post(BODY, headers)), headers).toBe(401);
      expect(await statusOf(line("GET", `/${NO_ID}`, headers)), headers).toBe(401);
      expect(await statusOf(line("DELETE", `/${NO_ID}`, headers)), headers).toBe(401);
    }
    for (const query of [`token=${TOKEN}`, `access_token=${TOKEN}`, `authorization=Bearer%20${TOKEN}`]) {
      const request = Buffer.from(post(BODY)).toString("latin1").replace("POST /", `POST /?${query}`);
      expect(await statusOf(request)).toBe(401);
    }
    expect(await statusOf(line("GET", `http://${TOKEN}:${TOKEN}@localhost/${NO_ID}`))).not.toBe(404);
    expect(await statusOf(post(JSON.stringify({ ...TASK, token: TOKEN })))).toBe(401);
    expect(await stored()).toBe(0);
    expect(await statusOf(line("GET", "/health/live"))).toBe(200);
    expect(await statusOf(line("GET", "/health/ready"))).toBe(200);
  },
);

testFault(
  {
    area: "http",
    fault: "a wrong token",
    injected: "others of the same, a smaller and a greater length, each beginning of the right one, two at once",
    holds: "401; each is compared in constant time, as a digest whose length tells nothing; nothing is stored",
  },
  async () => {
    const { statusOf, stored } = await serveQueue({ token: TOKEN });
    const wrong = [
      ...Array.from({ length: TOKEN.length - 1 }, (_, index) => TOKEN.slice(0, index + 1)),
      TOKEN.toUpperCase(),
      `${TOKEN}x`,
      TOKEN.slice(0, -1) + "x",
      "x".repeat(8_000),
    ];
    for (const token of wrong) {
      compare.mockClear();
      expect(await statusOf(post(BODY, `Authorization: Bearer ${token}\r\n`)), token).toBe(401);
      expect(compare.mock.calls.map((given) => given.map(({ byteLength }) => byteLength))).toEqual([[32, 32]]);
    }
    for (const two of [`${TOKEN} x`, `x ${TOKEN}`, `${TOKEN},${TOKEN}`]) {
      expect(await statusOf(post(BODY, `Authorization: Bearer ${two}\r\n`)), two).toBe(401);
    }
    // Of two headers, the first alone counts.
    const first = `Authorization: Bearer x\r\nAuthorization: Bearer ${TOKEN}\r\n`;
    expect([400, 401]).toContain(await statusOf(post(BODY, first)));
    expect(await stored()).toBe(0);
    expect(await statusOf(post(BODY, `authorization: bearer ${TOKEN}\r\n`))).toBe(200);
  },
);
