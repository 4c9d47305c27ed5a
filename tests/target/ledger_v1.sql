-- A ledger as layout version 1 left it: a shopper who is in, one who was held, and a receipt that waits for its shop.
CREATE TABLE ledger (version INTEGER NOT NULL);
CREATE TABLE runs (
    id VARCHAR(32) NOT NULL, started_at VARCHAR(32) NOT NULL, ended_at VARCHAR(32), state VARCHAR(10) NOT NULL, note TEXT,
    PRIMARY KEY (id)
);
CREATE TABLE run_counts (
    run VARCHAR(32) NOT NULL, stream VARCHAR(255) NOT NULL, verdict VARCHAR(10) NOT NULL, reason VARCHAR(40) NOT NULL,
    again BOOLEAN NOT NULL, records INTEGER NOT NULL, removed INTEGER NOT NULL,
    PRIMARY KEY (run, stream, verdict, reason, again)
);
CREATE TABLE records (
    stream VARCHAR(255) NOT NULL, "key" VARCHAR(255) NOT NULL, object VARCHAR(80), id VARCHAR(18), version VARCHAR(40),
    verdict VARCHAR(10) NOT NULL, stage VARCHAR(10) NOT NULL, rule VARCHAR(20), reason VARCHAR(40), fields TEXT NOT NULL,
    sent TEXT NOT NULL, code VARCHAR(80), message TEXT, run VARCHAR(32), at VARCHAR(32) NOT NULL,
    PRIMARY KEY (stream, "key")
);
CREATE TABLE holds (
    number {autonumber}, stream VARCHAR(255) NOT NULL, "key" VARCHAR(255) NOT NULL, payload TEXT NOT NULL,
    faults TEXT NOT NULL, version VARCHAR(40), stage VARCHAR(10) NOT NULL, reason VARCHAR(40) NOT NULL,
    waits BOOLEAN NOT NULL, fields TEXT NOT NULL, code VARCHAR(80), message TEXT, attempts INTEGER NOT NULL,
    first_seen VARCHAR(32) NOT NULL, last_seen VARCHAR(32) NOT NULL, state VARCHAR(10) NOT NULL, run VARCHAR(32)
);
CREATE INDEX holds_open ON holds (state, stream, number);
CREATE INDEX holds_of_record ON holds (stream, "key", state);
INSERT INTO ledger VALUES (1);
INSERT INTO runs VALUES ('r1', '2026-05-01T08:00:00+00:00', '2026-05-01T08:01:00+00:00', 'done', '4 arrived');
INSERT INTO run_counts VALUES ('r1', 'customers', 'created', '', false, 1, 0);
INSERT INTO run_counts VALUES ('r1', 'customers', 'held', 'retired_reason', false, 1, 0);
INSERT INTO records VALUES
    ('customers', '1:1', 'Contact', '003000000000001AAA', '2026-04-01', 'created', 'send', 'key', NULL, '[]',
     '{"LastName": "Vega"}', NULL, NULL, 'r1', '2026-05-01T08:00:30+00:00'),
    ('customers', '1:2', 'Contact', '003000000000002AAA', '2026-04-01', 'held', 'send', NULL, 'retired_reason',
     '["Email"]', '{}', 'SOME_CODE', 'words', 'r1', '2026-05-01T08:00:30+00:00'),
    ('sales', '1:9', NULL, NULL, NULL, 'held', 'plan', NULL, 'parent_missing', '[]', '{}', NULL, NULL, 'r1',
     '2026-05-01T08:00:30+00:00');
INSERT INTO holds (stream, "key", payload, faults, version, stage, reason, waits, fields, code, message, attempts,
                   first_seen, last_seen, state, run) VALUES
    ('customers', '1:1', '{"id": "1"}', '[]', '2026-03-01', 'send', 'refused', false, '[]', NULL, NULL, 1,
     '2026-05-01T08:00:10+00:00', '2026-05-01T08:00:30+00:00', 'overtaken', 'r1'),
    ('customers', '1:2', '{"id": "2", "spent": 1.10}', '["email: breaks x"]', '2026-05-01', 'send', 'retired_reason',
     false, '["Email"]', 'SOME_CODE', 'words', 3, '2026-05-01T08:00:10+00:00', '2026-05-01T08:00:30+00:00', 'open', 'r1'),
    ('sales', '1:9', '{"id": "9"}', '[]', NULL, 'plan', 'parent_missing', true, '[]', NULL, NULL, 1,
     '2026-05-01T08:00:10+00:00', '2026-05-01T08:00:30+00:00', 'open', 'r1');
