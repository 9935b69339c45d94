// An application in CommonJS: node examples/commonjs/app.cjs
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { Stage3Queue } = require("stage3queue");

async function main() {
  const stage3 = await Stage3Queue.open({
    database: process.env["STAGE3_DATABASE"],
    tasks: pathToFileURL(path.join(__dirname, "tasks.cjs")),
  });
  await stage3.start();
  const id = await stage3.broker.enqueue("default", "greet", ["Ada"]);
  console.log(await stage3.broker.result(id)); // Hello, Ada!
  await stage3.stop();
}

void main();
