-- Tasks that start later, and tasks that expire; options as JSON; fewer counters. Code that does not know this must not
-- use the database any more.

-- When the task may start at the earliest, where its enqueue said so.
ALTER TABLE tasks ADD COLUMN run_at INTEGER;

-- When a task that has not started by then is ended.
ALTER TABLE tasks ADD COLUMN expires_at INTEGER;

CREATE INDEX tasks_expiring ON tasks (expires_at)
WHERE expires_at IS NOT NULL AND epoch = 0 AND state IN ('ready', 'waiting');

-- For how long a topic's tasks may wait before they start; NULL: as long as it takes.
ALTER TABLE topics ADD COLUMN expires_ms REAL;

-- What the enqueue named, as JSON; NULL: nothing. SQL reads none of it.
ALTER TABLE tasks ADD COLUMN options TEXT;

UPDATE tasks
SET options = json_patch(
  '{}',
  json_object('timeoutMs', timeout_ms, 'abortGraceMs', abort_grace_ms, 'maxRestarts', max_restarts, 'maxBackoffMs', max_backoff_ms)
)
WHERE coalesce(timeout_ms, abort_grace_ms, max_restarts, max_backoff_ms) IS NOT NULL;

ALTER TABLE tasks DROP COLUMN timeout_ms;

ALTER TABLE tasks DROP COLUMN abort_grace_ms;

ALTER TABLE tasks DROP COLUMN max_restarts;

ALTER TABLE tasks DROP COLUMN max_backoff_ms;

-- Where the head of a line is full of functions that a worker does not know: one line a function.
DROP INDEX tasks_ready_by_function;

CREATE INDEX tasks_ready_by_function ON tasks (topic, function, priority, sequence) WHERE state = 'ready';

-- What is ready or waiting, by function; a row that comes to 0 is removed.
CREATE TABLE queued_counts (
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (topic, function)
) STRICT, WITHOUT ROWID;

INSERT INTO queued_counts (topic, function, tasks)
SELECT topic, function, sum(tasks)
FROM (SELECT topic, function, tasks FROM ready_counts UNION ALL SELECT topic, function, tasks FROM waiting_counts)
GROUP BY topic, function;

DROP TABLE ready_counts;

DROP TABLE waiting_counts;

UPDATE counters SET value = 6 WHERE name = 'oldest_compatible_schema';
