const { currentTask, defineTasks } = require("stage3queue/tasks");

module.exports = defineTasks({
  /** @param {string} name */
  greet(name) {
    currentTask().log(`greeting ${name}`);
    return `Hello, ${name}!`;
  },
});
