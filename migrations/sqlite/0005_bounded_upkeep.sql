-- What is kept and removed is bounded. Code that does not know this can go on using the database.

-- How often attempts of the task have failed. Of many failures the first 10 and the last 90 are kept.
ALTER TABLE tasks ADD COLUMN failure_count INTEGER NOT NULL DEFAULT 0;

UPDATE tasks
SET failure_count = (SELECT count(*) FROM failures WHERE failures.task = tasks.key)
WHERE key IN (SELECT task FROM failures);

DELETE FROM failures
WHERE failure IN (
  SELECT failure
  FROM (
    SELECT
      failure,
      row_number() OVER (PARTITION BY task ORDER BY failure) AS number,
      count(*) OVER (PARTITION BY task) AS total
    FROM failures
  )
  WHERE number > 10 AND number <= total - 90
);

-- A worker removes ended tasks of its own topics only.
DROP INDEX tasks_ended;

CREATE INDEX tasks_ended_by_topic ON tasks (topic, state, ended_at) WHERE ended_at IS NOT NULL;
