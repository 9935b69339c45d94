-- The first schema. Times are INTEGER milliseconds since 1970; JSON travels as TEXT. A number that may be Infinity (a
-- limit, a restart count, a duration) is REAL, which SQLite stores as compactly as a whole number where it is one.
--
-- What later versions add fits in without rewriting a row: ALTER TABLE … ADD COLUMN for a delay or schedule, unique and
-- idempotency keys, concurrency keys, tags, a parent, metadata, and the codec beside each payload (none: plain JSON);
-- tables of their own for logs, events and rate limits. Nothing of it costs a byte before it is used.

CREATE TABLE tasks (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 10),
  -- ready, waiting, running, finished, in_dead_letter_queue or aborted; a CHECK of it costs a tenth of the throughput.
  state TEXT NOT NULL,
  -- The place in its line; in the dead-letter queue, the place there.
  sequence INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  -- Requeued by hand: does not count for capacity.
  requeued INTEGER NOT NULL DEFAULT 0,
  abort_requested INTEGER NOT NULL DEFAULT 0,
  worker TEXT,
  due_at INTEGER,
  enqueued_at INTEGER NOT NULL,
  started_at INTEGER,
  ended_at INTEGER,
  -- Only what the enqueue named.
  timeout_ms REAL,
  abort_grace_ms REAL,
  max_restarts REAL,
  max_backoff_ms REAL,
  -- As the worker of the latest claim resolved it.
  resolved_max_restarts REAL,
  progress TEXT,
  -- NULL: the arguments are long, and live in `long_args`, so that no change of state rewrites them.
  args TEXT,
  result TEXT
) STRICT;

CREATE TABLE long_args (
  task INTEGER PRIMARY KEY REFERENCES tasks ON DELETE CASCADE,
  args TEXT NOT NULL
) STRICT;

-- Each index holds only the rows of one state, so that a task is in few of them at any time.
CREATE INDEX tasks_ready ON tasks (topic, priority, sequence) WHERE state = 'ready';

-- Where the head of a line is full of functions that a worker does not know.
CREATE INDEX tasks_ready_by_function ON tasks (topic, priority, function, sequence) WHERE state = 'ready';

CREATE INDEX tasks_waiting ON tasks (due_at, sequence) WHERE state = 'waiting';

CREATE INDEX tasks_running ON tasks (worker, sequence) WHERE state = 'running';

CREATE INDEX tasks_ended ON tasks (state, ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX tasks_dead ON tasks (sequence) WHERE state = 'in_dead_letter_queue';

CREATE INDEX tasks_dead_by_topic ON tasks (topic, sequence) WHERE state = 'in_dead_letter_queue';

CREATE TABLE failures (
  failure INTEGER PRIMARY KEY,
  task INTEGER NOT NULL REFERENCES tasks ON DELETE CASCADE,
  attempt INTEGER NOT NULL,
  at INTEGER NOT NULL,
  code TEXT NOT NULL,
  message TEXT NOT NULL,
  stack TEXT
) STRICT;

CREATE INDEX failures_of_task ON failures (task);

CREATE TABLE counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The lowest schema version whose code may still use this database; raised when a migration breaks older code.
INSERT INTO counters (name, value)
VALUES
  ('sequence', 0),
  ('registry_version', 0),
  ('oldest_compatible_schema', 1);

CREATE TABLE topic_counts (
  topic TEXT NOT NULL,
  state TEXT NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (topic, state)
) STRICT, WITHOUT ROWID;

-- Ready tasks that were never started: what `maxQueueLen` limits.
CREATE TABLE capacity_counts (
  topic TEXT NOT NULL,
  priority INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (topic, priority)
) STRICT, WITHOUT ROWID;

-- Ready tasks by function; a row that comes to 0 is removed.
CREATE TABLE ready_counts (
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  priority INTEGER NOT NULL,
  tasks INTEGER NOT NULL,
  PRIMARY KEY (topic, function, priority)
) STRICT, WITHOUT ROWID;

CREATE TABLE workers (
  id TEXT PRIMARY KEY,
  heartbeat INTEGER NOT NULL,
  lease_ms REAL NOT NULL,
  boot_id TEXT NOT NULL,
  pid_namespace TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start_time TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE topics (
  topic TEXT PRIMARY KEY,
  priority INTEGER NOT NULL,
  max_concurrency REAL NOT NULL,
  max_queue_len REAL NOT NULL,
  max_restarts REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE functions (
  topic TEXT NOT NULL,
  function TEXT NOT NULL,
  policy TEXT NOT NULL,
  PRIMARY KEY (topic, function)
) STRICT, WITHOUT ROWID;
