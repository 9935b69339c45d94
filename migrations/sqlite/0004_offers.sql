-- What the workers that are thought to run offer, for how long no worker has offered a function, and what is queued. Code
-- that does not know this must not use the database any more: its changes would leave the counters untrue.

-- Gone with the row of the worker.
CREATE TABLE worker_functions (
  worker TEXT NOT NULL,
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  PRIMARY KEY (worker, topic, function)
) STRICT, WITHOUT ROWID;

CREATE INDEX worker_functions_by_name ON worker_functions (topic, function);

-- For how long workers of the topic have run, all in all, and until which moment that is counted.
ALTER TABLE topics ADD COLUMN served_ms INTEGER NOT NULL DEFAULT 0;

ALTER TABLE topics ADD COLUMN served_until INTEGER NOT NULL DEFAULT 0;

-- The topic's `served_ms` when a worker last offered the function.
ALTER TABLE functions ADD COLUMN offered_ms INTEGER NOT NULL DEFAULT 0;

-- When the task joined its line; NULL: at its enqueue.
ALTER TABLE tasks ADD COLUMN queued_at INTEGER;

-- Waiting tasks by function; a row that comes to 0 is removed.
CREATE TABLE waiting_counts (
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (topic, function)
) STRICT, WITHOUT ROWID;

INSERT INTO waiting_counts (topic, function, tasks)
SELECT topic, function, count(*)
FROM tasks
WHERE state = 'waiting'
GROUP BY topic, function;

UPDATE counters SET value = 4 WHERE name = 'oldest_compatible_schema';
