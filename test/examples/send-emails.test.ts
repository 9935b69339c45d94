import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { enqueue, readId, waitForStatus } from "./support/calls.ts";
import { failuresOf } from "./support/dead-letters.ts";
import { startExample } from "./support/example-server.ts";
import { startMailServer } from "./support/mail-server.ts";
import { readMail } from "./support/read-mail.ts";

const shell = promisify(execFile);

/** As the README writes it, but for the port. */
const post = `curl --header "Content-Type: application/json" --request POST --data '{"topic":"default","function":"send emails","args":["admin@example.com", ["customer@example.com"]]}' http://localhost:4000`;

test("a curl call sends an e-mail through an SMTP server", async () => {
  const mailServer = await startMailServer();
  const server = await startExample({ SMTP_URL: mailServer.url });
  const id = readId(await run(post.replace("4000", String(server.port))));

  const get = `curl http://localhost:${server.port}/${id}`;
  let answer = "";
  do {
    answer = await run(get);
    expect(['{"status":"queued"}', '{"status":"running"}', '{"status":"finished"}']).toContain(answer);
  } while (answer !== '{"status":"finished"}');

  expect(mailServer.received).toHaveLength(1);
  expect(mailServer.received[0]).toMatchObject({ from: "admin@example.com", to: ["customer@example.com"] });
  const { headers, body } = readMail(mailServer.received[0]?.source ?? "");
  expect(headers.get("from")).toBe("admin@example.com");
  expect(headers.get("to")).toBe("customer@example.com");
  expect(headers.get("message-id")).toContain(id);
  expect(body.trim()).toBe("This message was sent by a background task.");
});

test("without an SMTP server the e-mail is a file in data/outbox", async () => {
  const server = await startExample();
  const id = readId(await run(post.replace("4000", String(server.port))));
  await waitForStatus(server, id, "finished");

  const outbox = join(server.folder, "data", "outbox");
  const [file = "", ...others] = await readdir(outbox);
  expect(others).toEqual([]);
  const { headers, body } = readMail(await readFile(join(outbox, file), "utf8"));
  expect(headers.get("to")).toBe("customer@example.com");
  expect(headers.get("message-id")).toContain(id);
  expect(body.trim()).toBe("This message was sent by a background task.");
});

test("every recipient gets a message of his own, over one connection, on the topic of its own", async () => {
  const mailServer = await startMailServer();
  const server = await startExample({ SMTP_URL: mailServer.url });
  const to = ["a@example.com", "b@example.com", "c@example.com"];
  const content = { subject: "Grüße ✓", text: "Eine Zeile.\n" };
  const id = await enqueue(server, { topic: "emails", function: "send emails", args: ["x@example.com", to, content] });
  await waitForStatus(server, id, "finished");

  expect(mailServer.received.map((message) => message.to)).toEqual(to.map((address) => [address]));
  expect(mailServer.connections()).toBe(1);
  const mails = mailServer.received.map(({ source }) => readMail(source));
  expect(mails.map(({ headers }) => headers.get("to"))).toEqual(to);
  expect(mails.map(({ headers }) => headers.get("subject"))).toEqual(to.map(() => content.subject));
  expect(new Set(mails.map(({ headers }) => headers.get("message-id"))).size).toBe(3);
});

test("after a failure that may pass only what is missing is sent again; a refused recipient holds up nobody", async () => {
  let failures = 0;
  const mailServer = await startMailServer((to) => {
    if (to.startsWith("unknown")) return reply(550, "No such mailbox");
    return to.startsWith("busy") && failures++ === 0 ? reply(451, "Try again later") : undefined;
  });
  const server = await startExample({ SMTP_URL: mailServer.url });
  const to = ["a@example.com", "unknown@example.com", "busy@example.com", "z@example.com"];
  const id = await enqueue(server, { topic: "default", function: "send emails", args: ["x@example.com", to] });
  await waitForStatus(server, id, "finished");

  expect(failures).toBe(2); // the second attempt got through
  expect(mailServer.received.flatMap((message) => message.to)).toEqual([
    "a@example.com",
    "busy@example.com",
    "z@example.com",
  ]);
});

test("an address that is none fails before the first message goes, and the failure shows it", async () => {
  const mailServer = await startMailServer();
  const server = await startExample({ SMTP_URL: mailServer.url });
  const args = ["x@example.com", ["a@example.com", "b@example.com\r\nBcc: all@example.com"]];
  const id = await enqueue(server, { topic: "emails", function: "send emails", args, maxRestarts: 0 });
  await waitForStatus(server, id, "in_dead_letter_queue");
  const message = expect.stringContaining(
    String.raw`"b@example.com\r\nBcc: all@example.com" is no e-mail address`,
  ) as string;
  expect(await failuresOf(server, id)).toEqual([expect.objectContaining({ code: "TASK_FAILED", message })]);
  expect(mailServer.received).toEqual([]);
});

async function run(command: string): Promise<string> {
  const { stdout } = await shell("sh", ["-c", command]);
  return stdout;
}

function reply(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}
