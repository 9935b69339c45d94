// Opens as many connections as it is told, in three ways, tells how many are open, and keeps them until it is killed.
import { once } from "node:events";
import { connect } from "node:net";

const [port, connections] = process.argv.slice(2).map(Number);
const AT_ONCE = 200;

const WAYS: readonly { readonly text: string; readonly answered: boolean }[] = [
  { text: "", answered: false },
  {
    text: "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    answered: false,
  },
  { text: "GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n", answered: true },
];

process.once("disconnect", () => process.exit());

let open = 0;
for (let made = 0; made < (connections ?? 0); made += AT_ONCE) {
  const count = Math.min(AT_ONCE, (connections ?? 0) - made);
  await Promise.all(Array.from({ length: count }, (_, index) => openOne(made + index)));
}
process.send?.(open);

async function openOne(index: number): Promise<void> {
  const way = WAYS[index % WAYS.length];
  const socket = connect(port ?? 0, "127.0.0.1");
  socket.on("close", () => (open -= 1));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  open += 1;
  if (way === undefined || way.text === "") return;
  socket.write(way.text);
  if (way.answered) await once(socket, "data");
  socket.resume();
}
