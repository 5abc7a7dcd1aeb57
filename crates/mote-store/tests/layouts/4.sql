PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE commits (
    position    INTEGER PRIMARY KEY,   -- the order of everything, from 1 without gaps
    at          TEXT NOT NULL,         -- when the call was admitted
    operation   TEXT NOT NULL,         -- which operation decided
    caller      TEXT NOT NULL,
    invocation  TEXT NOT NULL,
    release     TEXT NOT NULL,         -- SHA-256 of the release whose law judged
    artifact    TEXT,                  -- SHA-256 of the code that answered, if any did
    input       TEXT NOT NULL,         -- SHA-256 of the admitted input
    traceparent TEXT
) STRICT;
CREATE TABLE events (
    id       INTEGER PRIMARY KEY,
    position INTEGER NOT NULL,         -- of its commit
    ordinal  INTEGER NOT NULL,         -- its place in the commit, from 0
    stream   TEXT NOT NULL,            -- aggregate/key
    version  INTEGER NOT NULL,         -- its place in the stream, from 1 without gaps
    at       TEXT NOT NULL,            -- of its commit
    type     TEXT NOT NULL,
    shape    INTEGER NOT NULL,         -- the version of the type's shape
    codec    INTEGER NOT NULL,         -- how data is written; 1 is canonical JSON
    data     ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX events_by_position ON events (position, ordinal);
CREATE UNIQUE INDEX events_by_stream ON events (stream, version);
CREATE TABLE answers (                 -- what a call repeated with its idempotency key gets
    position  INTEGER PRIMARY KEY,     -- of its commit
    operation TEXT NOT NULL,
    caller    TEXT NOT NULL,
    key       TEXT NOT NULL,
    input     TEXT NOT NULL,           -- SHA-256 of the admitted input
    body      ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX answers_by_key ON answers (key, caller, operation);
CREATE TABLE snapshots (               -- what folding a stream came to; may be deleted at any time
    stream  TEXT NOT NULL,
    fold    TEXT NOT NULL,             -- SHA-256 of everything that folding depends on
    version INTEGER NOT NULL,          -- of the last event that was folded
    state   ANY NOT NULL
) STRICT;
CREATE UNIQUE INDEX snapshots_by_stream ON snapshots (stream, fold);
CREATE TABLE checkpoints (             -- where followers of the log go on
    follower TEXT PRIMARY KEY,
    position INTEGER NOT NULL,         -- up to here all is done, as far as rest does not say otherwise
    rest     ANY NOT NULL              -- what only the follower reads
) STRICT, WITHOUT ROWID;
CREATE TABLE runs (                    -- executions of workflows; those that ended are forgotten some day
    number     INTEGER PRIMARY KEY,    -- in the order in which they were begun
    id         TEXT NOT NULL,
    workflow   TEXT NOT NULL,
    definition TEXT NOT NULL,          -- SHA-256 of the workflow with everything it refers to
    at         TEXT NOT NULL,          -- when it was begun
    input      TEXT NOT NULL,          -- SHA-256 of the admitted input
    operation  TEXT,                   -- who begins it again under this key gets this run
    caller     TEXT,
    key        TEXT,
    body       ANY NOT NULL,           -- what it began with
    entries    INTEGER NOT NULL,       -- how many its journal has
    ended_at   TEXT,                   -- nothing: it is under way
    done       INTEGER,                -- 1: with an output; 0: with an error
    answer     ANY
) STRICT;
CREATE UNIQUE INDEX runs_by_id ON runs (id);
CREATE UNIQUE INDEX runs_by_key ON runs (key, caller, operation) WHERE key IS NOT NULL;
CREATE INDEX runs_by_end ON runs (ended_at);
CREATE INDEX runs_by_outcome ON runs (done, number) WHERE done IS NOT NULL;
CREATE TABLE journal (                 -- what happened to a run, in order
    run   INTEGER NOT NULL,            -- its number
    entry INTEGER NOT NULL,            -- its place, from 0 without gaps
    body  ANY NOT NULL,
    PRIMARY KEY (run, entry)
) STRICT, WITHOUT ROWID;
INSERT INTO commits VALUES (1, '2026-01-01T00:00:00.123456789Z', 'place-order', 'user:ada', '01JZZZZZZZZZZZZZZZZZZZZZZZ', 'a4d451ec23463726f72c43d64c710968f6b602cd653b4de8adee1b556240a829', 'c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
INSERT INTO commits VALUES (2, '2026-01-01T00:00:00.123456789Z', 'place-order', 'user:ada', '01JZZZZZZZZZZZZZZZZZZZZZZZ', 'a4d451ec23463726f72c43d64c710968f6b602cd653b4de8adee1b556240a829', 'c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
INSERT INTO commits VALUES (3, '2026-01-01T00:00:00.123456789Z', 'place-order', 'user:ada', '01JZZZZZZZZZZZZZZZZZZZZZZZ', 'a4d451ec23463726f72c43d64c710968f6b602cd653b4de8adee1b556240a829', 'c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
INSERT INTO commits VALUES (4, '2026-01-01T00:00:00.123456789Z', 'place-order', 'user:ada', '01JZZZZZZZZZZZZZZZZZZZZZZZ', 'a4d451ec23463726f72c43d64c710968f6b602cd653b4de8adee1b556240a829', 'c7c5c1d70c5dec4416ab6158afd0b223ef40c29b1dc1f97ed9428b94d4cadb1c', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
INSERT INTO events VALUES (1, 1, 0, 'order/1', 1, '2026-01-01T00:00:00.123456789Z', 'OrderPlaced', 1, 1, '{"total":42}');
INSERT INTO events VALUES (2, 1, 1, 'order/1', 2, '2026-01-01T00:00:00.123456789Z', 'OrderPaid', 1, 1, '{"total":42}');
INSERT INTO events VALUES (3, 1, 2, 'stock/eu', 1, '2026-01-01T00:00:00.123456789Z', 'Reserved', 1, 1, '{"total":42}');
INSERT INTO events VALUES (4, 2, 0, 'order/2', 1, '2026-01-01T00:00:00.123456789Z', 'OrderPlaced', 1, 1, '{"total":42}');
INSERT INTO events VALUES (5, 2, 1, 'order/2', 2, '2026-01-01T00:00:00.123456789Z', 'OrderPaid', 1, 1, '{"total":42}');
INSERT INTO events VALUES (6, 2, 2, 'stock/eu', 2, '2026-01-01T00:00:00.123456789Z', 'Reserved', 1, 1, '{"total":42}');
INSERT INTO events VALUES (7, 3, 0, 'order/3', 1, '2026-01-01T00:00:00.123456789Z', 'OrderPlaced', 1, 1, '{"total":42}');
INSERT INTO events VALUES (8, 3, 1, 'order/3', 2, '2026-01-01T00:00:00.123456789Z', 'OrderPaid', 1, 1, '{"total":42}');
INSERT INTO events VALUES (9, 3, 2, 'stock/eu', 3, '2026-01-01T00:00:00.123456789Z', 'Reserved', 1, 1, '{"total":42}');
INSERT INTO events VALUES (10, 4, 0, 'order/4', 1, '2026-01-01T00:00:00.123456789Z', 'OrderPlaced', 1, 1, '{"total":42}');
INSERT INTO events VALUES (11, 4, 1, 'order/4', 2, '2026-01-01T00:00:00.123456789Z', 'OrderPaid', 1, 1, '{"total":42}');
INSERT INTO events VALUES (12, 4, 2, 'stock/eu', 4, '2026-01-01T00:00:00.123456789Z', 'Reserved', 1, 1, '{"total":42}');
INSERT INTO answers VALUES (2, 'place-order', 'user:ada', 'k2', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '{"orderId":"o-1"}');
INSERT INTO answers VALUES (4, 'place-order', 'user:ada', 'k4', 'c96c6d5be8d08a12e7b5cdc1b207fa6b2430974c86803d8891675e76fd992c20', '{"orderId":"o-1"}');
PRAGMA application_id = 1299149925;
PRAGMA user_version = 4;
COMMIT;
