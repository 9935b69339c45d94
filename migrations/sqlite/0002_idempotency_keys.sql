-- The idempotency keys of the last day. A key outlives its task, so nothing refers to it. Code that does not know this
-- table can go on using the database: `oldest_compatible_schema` stays.

CREATE TABLE idempotency_keys (
  key TEXT PRIMARY KEY,
  -- Of what the enqueue asked for.
  content_hash TEXT NOT NULL,
  -- The task that the key was first used for.
  task_id TEXT NOT NULL,
  kept_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_end ON idempotency_keys (kept_until);
