// node backup.ts FILE COPY
import { DatabaseSync } from "node:sqlite";

const [, , file = "data/stage3.db", copy = "stage3-backup.db"] = process.argv;

const database = new DatabaseSync(file, { readOnly: true });
database.prepare("VACUUM INTO ?").run(copy); // refused where the copy exists
database.close();

const copied = new DatabaseSync(copy, { readOnly: true });
console.log(copied.prepare("PRAGMA integrity_check").get()?.["integrity_check"]); // ok
copied.close();
