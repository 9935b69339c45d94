import { currentTask, defineTasks } from "stage3queue/tasks";

// `language` was added later: tasks that were enqueued before have no such argument.
function welcome(name: string, language: "en" | "de" = "en"): string {
  currentTask().log(`welcoming ${name}`);
  return language === "de" ? `Willkommen, ${name}!` : `Welcome, ${name}!`;
}

export default defineTasks({
  "send welcome": welcome,
  // Its old name, for the tasks that still have it.
  "welcome user": welcome,
});
