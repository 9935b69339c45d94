-- A worker whose rescue has begun is condemned: it may neither renew its lease nor claim. Code that does not know the
-- column can go on using the database: `oldest_compatible_schema` stays.

ALTER TABLE workers ADD COLUMN condemned INTEGER NOT NULL DEFAULT 0;
