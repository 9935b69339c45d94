import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseAddress, parseRecipients } from "../../examples/app/email/address.ts";
import { composeMessage, parseContent } from "../../examples/app/email/message.ts";
import { openOutbox } from "../../examples/app/email/outbox.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { readMail } from "./support/read-mail.ts";

const taskId = "019a0000-0000-7000-8000-000000000001";
const from = "admin@example.com";
const { signal } = new AbortController();

test.each([
  ["someone@example.com", "someone@example.com"],
  ["First.Last+tag@Example.COM", "First.Last+tag@example.com"],
  ["root@localhost", "root@localhost"],
  ["leser@bücher.example", "leser@xn--bcher-kva.example"],
])("takes the address %j", (given, address) => {
  expect(parseAddress(given)).toBe(address);
});

test.each([
  "",
  "example.com",
  "@example.com",
  "a@",
  "a@b@c",
  "a b@example.com",
  "a@exam ple.com",
  ".a@example.com",
  "a..b@example.com",
  "A <a@example.com>",
  "a@example.com, b@example.com",
  "a@example.com\r\nBcc: all@example.com",
  "a@example.com\n",
  `${"x".repeat(65)}@example.com`,
  "a@-example.com",
  42,
  null,
  [["a@example.com"]],
])("refuses the address %j and shows it", (given) => {
  expect(() => parseAddress(given)).toThrow(TypeError);
  expect(() => parseAddress(given)).toThrow(JSON.stringify(given).slice(0, 50));
});

test("keeps a recipient who is named twice once", () => {
  expect(parseRecipients(["a@example.com", "b@example.com", "A@EXAMPLE.com"])).toHaveLength(2);
  expect(() => parseRecipients("a@example.com")).toThrow("must be a list");
});

test("refuses content that it would ignore", () => {
  expect(() => parseContent({ titel: "x" })).toThrow('"titel" is unknown');
  expect(() => parseContent({ subject: 1 })).toThrow("must be texts");
  expect(() => parseContent("x")).toThrow("must be an object");
  expect(parseContent({ subject: "x" }).text).not.toBe("");
});

test("a message written to the outbox reads back as it was meant", async () => {
  const folder = temporaryFolder();
  const content = {
    subject: "Grüße aus Köln, und ein sehr langer Betreff, der umbrochen wird – ✓",
    text: "Zeile 1\n.\nä=ö\n",
  };
  const to = "/b%c@example.com"; // a path, were it a file's name
  const outbox = openOutbox(folder);
  const message = composeMessage(taskId, { from, to }, content);
  expect(await outbox.isDelivered(message)).toBe(false);
  await outbox.deliver(message, signal);
  expect(await outbox.isDelivered(message)).toBe(true);
  outbox.close();

  const [file = "", ...others] = await readdir(folder);
  expect(others).toEqual([]);
  expect(file).toMatch(/^019a0000-0000-7000-8000-000000000001\.[\da-f]{12}\._b_c@example\.com\.eml$/u);
  const { headers, body } = readMail(await readFile(join(folder, file), "utf8"));
  expect(headers.get("from")).toBe(from);
  expect(headers.get("to")).toBe(to);
  expect(headers.get("subject")).toBe(content.subject);
  expect(headers.get("message-id")).toBe(`<${message.key}@example.com>`);
  expect(Date.parse(headers.get("date") ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(headers.get("mime-version")).toBe("1.0");
  expect(body.replaceAll("\r\n", "\n")).toBe(content.text);
});

test("task and recipient make the Message-ID: equal in a later attempt, different for everybody else", () => {
  expect(idOf(taskId, "a@example.com")).toBe(idOf(taskId, "a@example.com"));
  expect(idOf(taskId, "a@example.com")).not.toBe(idOf(taskId, "b@example.com"));
  expect(idOf(taskId, "a@example.com")).not.toBe(idOf("another", "a@example.com"));
});

test("an aborted delivery leaves nothing, not even a draft", async () => {
  const folder = temporaryFolder();
  const outbox = openOutbox(folder);
  const message = composeMessage(taskId, { from, to: "a@example.com" }, parseContent());
  await expect(outbox.deliver(message, AbortSignal.abort())).rejects.toThrow(/abort/iu);
  outbox.close();
  expect(await readdir(folder)).toEqual([]);
});

function idOf(task: string, to: string): unknown {
  return composeMessage(task, { from, to }, parseContent()).mail.messageId;
}
