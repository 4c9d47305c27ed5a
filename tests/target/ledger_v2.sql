-- A ledger as layout version 2 left it, in the middle of a batch: every verdict and every reason, holds that are open,
-- resolved and superseded, what waits for whom, sets of siblings, runs that ended well, badly and not at all, a turn that is held.
CREATE TABLE ledger (
    version INTEGER NOT NULL,
    org VARCHAR(15),
    seq INTEGER DEFAULT '0' NOT NULL,
    holder VARCHAR(80),
    until BIGINT DEFAULT '0' NOT NULL
);
CREATE TABLE runs (
    id VARCHAR(32) NOT NULL,
    started_at VARCHAR(32) NOT NULL,
    ended_at VARCHAR(32),
    state VARCHAR(10) NOT NULL,
    note TEXT,
    PRIMARY KEY (id)
);
CREATE TABLE run_counts (
    run VARCHAR(32) NOT NULL,
    stream VARCHAR(255) NOT NULL,
    verdict VARCHAR(10) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    again BOOLEAN NOT NULL,
    records INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (run, stream, verdict, reason, again)
);
CREATE TABLE records (
    stream VARCHAR(255) NOT NULL,
    "key" TEXT NOT NULL,
    object VARCHAR(80),
    id VARCHAR(18),
    version TEXT,
    verdict VARCHAR(10) NOT NULL,
    stage VARCHAR(10) NOT NULL,
    rule TEXT,
    reason VARCHAR(40),
    fields TEXT NOT NULL,
    sent TEXT NOT NULL,
    code TEXT,
    message TEXT,
    run VARCHAR(32),
    at VARCHAR(32) NOT NULL,
    told_version TEXT,
    candidates TEXT DEFAULT '[]' NOT NULL,
    seq INTEGER DEFAULT '0' NOT NULL,
    owner TEXT,
    PRIMARY KEY (stream, "key")
);
CREATE TABLE holds (
    number {autonumber},
    stream VARCHAR(255) NOT NULL,
    "key" TEXT NOT NULL,
    payload TEXT NOT NULL,
    faults TEXT NOT NULL,
    version TEXT,
    stage VARCHAR(10) NOT NULL,
    reason VARCHAR(40) NOT NULL,
    waits BOOLEAN NOT NULL,
    fields TEXT NOT NULL,
    code TEXT,
    message TEXT,
    attempts INTEGER NOT NULL,
    first_seen VARCHAR(32) NOT NULL,
    last_seen VARCHAR(32) NOT NULL,
    state VARCHAR(10) NOT NULL,
    run VARCHAR(32),
    candidates TEXT DEFAULT '[]' NOT NULL,
    due BIGINT DEFAULT '0' NOT NULL
);
CREATE TABLE waits (
    stream VARCHAR(255) NOT NULL,
    "key" TEXT NOT NULL,
    label VARCHAR(255) NOT NULL,
    parent_stream VARCHAR(255) NOT NULL,
    parent_key TEXT NOT NULL,
    kind VARCHAR(10) NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (stream, "key", label, parent_stream, parent_key)
);
CREATE TABLE siblings (
    stream VARCHAR(255) NOT NULL,
    parent TEXT NOT NULL,
    version TEXT,
    keys TEXT NOT NULL,
    PRIMARY KEY (stream, parent)
);
CREATE INDEX holds_open ON holds (state, stream, number);
CREATE INDEX holds_waiting ON holds (state, stream, waits, number, "key", run, due);
CREATE UNIQUE INDEX holds_one_open ON holds (stream, "key") WHERE state = 'open';
CREATE INDEX holds_of_record ON holds (stream, "key", state);
CREATE INDEX waits_of_kind ON waits (stream, kind, "key");
INSERT INTO ledger ("version", "org", "seq", "holder", "until") VALUES
    (2, '00D000000000001', 20, '0123456789ab:4711:e7261844:c0b159d0', 1795183290000);
INSERT INTO runs ("id", "started_at", "ended_at", "state", "note") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'done', '23 arrived');
INSERT INTO runs ("id", "started_at", "ended_at", "state", "note") VALUES
    ('b97a643d93f049fab2f8ff1b4f25b5ac', '2026-11-20T13:00:00+00:00', '2026-11-20T13:00:00+00:00', 'failed', 'TooManyDeleted');
INSERT INTO runs ("id", "started_at", "ended_at", "state", "note") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', NULL, 'running', NULL);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'created', '', false, 2, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'updated', '', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'skipped', 'excluded', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'held', 'unconvertible', false, 3, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'unchanged', '', false, 2, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'skipped', 'overtaken', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'held', 'many_matches', false, 2, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'updated', '', true, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'customers', 'held', 'invalid', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'gift_cards', 'skipped', 'unmapped', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'shops', 'created', '', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sales', 'created', '', false, 2, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sales', 'held', 'parent_missing', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sales', 'skipped', 'excluded', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sale_lines', 'created', '', false, 2, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sale_lines', 'skipped', 'left_parent', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sale_lines', 'held', 'parent_missing', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('8afe0d29ff6345d0bc1ce36197cf6a13', 'sale_lines', 'skipped', 'parent_skipped', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('b97a643d93f049fab2f8ff1b4f25b5ac', 'sales', 'updated', '', false, 1, 1);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('b97a643d93f049fab2f8ff1b4f25b5ac', 'sales', 'held', 'parent_missing', true, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'unmapped', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'excluded', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'deleted', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'left_alone', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'not_wanted', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'overtaken', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'parent_skipped', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'left_parent', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'skipped', 'gone_from_org', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'invalid', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'required_missing', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'unconvertible', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'defect', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'many_matches', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'match_held', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'none_held', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'other_currency', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'parent_missing', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'parent_gone', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'parent_held', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'converted', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'twin', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'rule_broken', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'value_refused', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'field_required', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'duplicate_rule', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'value_taken', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'key_not_unique', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'gone', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'not_allowed', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'person_account', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'locked', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'reasons', 'held', 'refused', false, 1, 0);
INSERT INTO run_counts ("run", "stream", "verdict", "reason", "again", "records", "removed") VALUES
    ('69c9b8a8f5a64eba97d721fdfc2b8188', 'customers', 'updated', '', false, 1, 2);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:1', 'Contact', 'Con000000000001AAA', '2026-05-03T08:00:00.000000+00:00', 'updated', 'send', 'key', NULL, '[]', '{"LastName": "Vega-Li"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-05-03T08:00:00.000000+00:00', '[]', 2, '1:1');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:2', NULL, NULL, NULL, 'skipped', 'check', NULL, 'excluded', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 2, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:3', NULL, NULL, NULL, 'held', 'map', NULL, 'unconvertible', '["Birthdate"]', '{}', NULL, 'Birthdate: not an ISO date and time', '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-05-04T08:00:00.000000+00:00', '[]', 2, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:4', 'Contact', 'Con000000000002AAA', NULL, 'created', 'send', NULL, NULL, '[]', '{"Key__c": "1:4", "LastName": "Healed", "Birthdate": "2000-01-01", "LeadSource": "In store"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 7, '1:4');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:5', 'Contact', NULL, NULL, 'held', 'match', 'email', 'many_matches', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '["Con000000000003AAA", "Con000000000004AAA"]', 8, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:8', 'Contact', 'Con000000000006AAA', NULL, 'updated', 'send', 'email', NULL, '[]', '{"Key__c": "1:8"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 10, '1:8');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:6', 'Contact', 'Con000000000001AAA', '2026-05-05T08:00:00.000000+00:00', 'unchanged', 'plan', 'email', NULL, '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-05-05T08:00:00.000000+00:00', '[]', 11, '1:1');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:7', NULL, NULL, NULL, 'held', 'check', NULL, 'invalid', '["id"]', '{}', NULL, 'id: breaks `x`', '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 12, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('gift_cards', '1:1', NULL, NULL, NULL, 'skipped', 'check', NULL, 'unmapped', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 13, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('shops', '1:1', 'Shop__c', 'Sho000000000007AAA', NULL, 'created', 'send', NULL, NULL, '[]', '{"Key__c": "1:1", "Name": "Main St"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 14, '1:1');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sales', '1:9', 'Sale__c', 'Sal000000000009AAA', '2026-05-03T09:00:00.000000+00:00', 'updated', 'send', 'key', NULL, '[]', '{}', NULL, NULL, 'b97a643d93f049fab2f8ff1b4f25b5ac', '2026-11-20T13:00:00+00:00', '2026-05-03T09:00:00.000000+00:00', '[]', 17, '1:9');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sales', '1:10', 'Sale__c', 'Sal000000000008AAA', '2026-05-02T09:00:00.000000+00:00', 'created', 'send', NULL, NULL, '[]', '{"Key__c": "1:10", "Total__c": 6.00, "Shop__c": "Sho000000000007AAA"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-05-02T09:00:00.000000+00:00', '[]', 15, '1:10');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sales', '1:11', 'Sale__c', NULL, NULL, 'held', 'plan', NULL, 'parent_missing', '["Shop__c"]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', '2026-05-02T09:00:00.000000+00:00', '[]', 15, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sales', '1:12', NULL, NULL, NULL, 'skipped', 'check', NULL, 'excluded', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 15, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sale_lines', '1:90', 'Line__c', 'Lin000000000010AAA', NULL, 'created', 'send', NULL, NULL, '[]', '{"Key__c": "1:90", "Quantity__c": 1, "Sale__c": "Sal000000000009AAA"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 16, '1:90');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sale_lines', '1:91', 'Line__c', 'Lin000000000011AAA', NULL, 'created', 'send', NULL, NULL, '[]', '{"Key__c": "1:91", "Quantity__c": 2, "Sale__c": "Sal000000000009AAA"}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 16, '1:91');
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sale_lines', '1:92', 'Line__c', NULL, NULL, 'skipped', 'plan', NULL, 'left_parent', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 16, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sale_lines', '1:110', 'Line__c', NULL, NULL, 'held', 'plan', NULL, 'parent_missing', '["Sale__c"]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 16, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('sale_lines', '1:120', 'Line__c', NULL, NULL, 'skipped', 'plan', NULL, 'parent_skipped', '[]', '{}', NULL, NULL, '8afe0d29ff6345d0bc1ce36197cf6a13', '2026-11-20T12:00:00+00:00', NULL, '[]', 16, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:unmapped', 'Contact', NULL, NULL, 'skipped', 'check', 'email', 'unmapped', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:excluded', 'Contact', NULL, NULL, 'skipped', 'map', 'email', 'excluded', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:deleted', 'Contact', NULL, NULL, 'skipped', 'match', 'email', 'deleted', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:left_alone', 'Contact', '003000000000009AAA', NULL, 'skipped', 'plan', 'email', 'left_alone', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:not_wanted', 'Contact', NULL, NULL, 'skipped', 'send', 'email', 'not_wanted', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:overtaken', 'Contact', NULL, NULL, 'skipped', 'settle', 'email', 'overtaken', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:parent_skipped', 'Contact', NULL, NULL, 'skipped', 'check', 'email', 'parent_skipped', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:left_parent', 'Contact', NULL, NULL, 'skipped', 'map', 'email', 'left_parent', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:gone_from_org', 'Contact', NULL, NULL, 'skipped', 'match', 'email', 'gone_from_org', '["Price__c"]', '{}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:invalid', 'Contact', NULL, NULL, 'held', 'plan', 'email', 'invalid', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:required_missing', 'Contact', NULL, NULL, 'held', 'send', 'email', 'required_missing', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:unconvertible', 'Contact', NULL, NULL, 'held', 'settle', 'email', 'unconvertible', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:defect', 'Contact', NULL, NULL, 'held', 'check', 'email', 'defect', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:many_matches', 'Contact', NULL, NULL, 'held', 'map', 'email', 'many_matches', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:match_held', 'Contact', NULL, NULL, 'held', 'match', 'email', 'match_held', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:none_held', 'Contact', NULL, NULL, 'held', 'plan', 'email', 'none_held', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:other_currency', 'Contact', NULL, NULL, 'held', 'send', 'email', 'other_currency', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:parent_missing', 'Contact', NULL, NULL, 'held', 'settle', 'email', 'parent_missing', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:parent_gone', 'Contact', NULL, NULL, 'held', 'check', 'email', 'parent_gone', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:parent_held', 'Contact', NULL, NULL, 'held', 'map', 'email', 'parent_held', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:converted', 'Contact', NULL, NULL, 'held', 'match', 'email', 'converted', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:twin', 'Contact', NULL, NULL, 'held', 'plan', 'email', 'twin', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:rule_broken', 'Contact', NULL, NULL, 'held', 'send', 'email', 'rule_broken', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:value_refused', 'Contact', NULL, NULL, 'held', 'settle', 'email', 'value_refused', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:field_required', 'Contact', NULL, NULL, 'held', 'check', 'email', 'field_required', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:duplicate_rule', 'Contact', NULL, NULL, 'held', 'map', 'email', 'duplicate_rule', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:value_taken', 'Contact', NULL, NULL, 'held', 'match', 'email', 'value_taken', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:key_not_unique', 'Contact', NULL, NULL, 'held', 'plan', 'email', 'key_not_unique', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:gone', 'Contact', NULL, NULL, 'held', 'send', 'email', 'gone', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:not_allowed', 'Contact', NULL, NULL, 'held', 'settle', 'email', 'not_allowed', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:person_account', 'Contact', NULL, NULL, 'held', 'check', 'email', 'person_account', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:locked', 'Contact', NULL, NULL, 'held', 'map', 'email', 'locked', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('reasons', '1:refused', 'Contact', NULL, NULL, 'held', 'match', 'email', 'refused', '["Price__c"]', '{}', 'SOME_CODE', 'words', '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '["003000000000007AAA", "003000000000008AAA"]', 19, NULL);
INSERT INTO records ("stream", "key", "object", "id", "version", "verdict", "stage", "rule", "reason", "fields", "sent", "code", "message", "run", "at", "told_version", "candidates", "seq", "owner") VALUES
    ('customers', '1:50', 'Lead', '00Q000000000001AAA', '2026-05-01', 'updated', 'send', 'ledger', NULL, '[]', '{"LastName": "Q", "Due__c": "2026-05-01T00:00:00+00:00"}', NULL, NULL, '69c9b8a8f5a64eba97d721fdfc2b8188', '2026-11-20T14:00:00+00:00', '2026-05-01', '[]', 20, '1:51');
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (1, 'customers', '1:3', '{"account_id": "1", "archived": false, "id": "3", "last_name": "Held", "birth_date": "still no day", "updated_at": "2026-05-04T08:00:00Z", "spent": 1.20}', '[]', '2026-05-04T08:00:00.000000+00:00', 'map', 'unconvertible', false, '["Birthdate"]', NULL, 'Birthdate: not an ISO date and time', 2, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'open', '8afe0d29ff6345d0bc1ce36197cf6a13', '[]', 1795176240);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (2, 'customers', '1:4', '{"account_id": "1", "archived": false, "id": "4", "last_name": "Healed", "birth_date": "x"}', '[]', NULL, 'map', 'unconvertible', false, '["Birthdate"]', NULL, 'Birthdate: not an ISO date and time', 1, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'overtaken', '8afe0d29ff6345d0bc1ce36197cf6a13', '[]', 1795176120);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (3, 'customers', '1:5', '{"account_id": "1", "archived": false, "id": "5", "last_name": "Two", "email": "twice@x.test"}', '[]', NULL, 'match', 'many_matches', false, '[]', NULL, NULL, 1, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'open', '8afe0d29ff6345d0bc1ce36197cf6a13', '["Con000000000003AAA", "Con000000000004AAA"]', 1795176120);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (4, 'customers', '1:8', '{"account_id": "1", "archived": false, "id": "8", "last_name": "Two", "email": "eight@x.test"}', '[]', NULL, 'match', 'many_matches', false, '[]', NULL, NULL, 1, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'resolved', '8afe0d29ff6345d0bc1ce36197cf6a13', '["Con000000000005AAA", "Con000000000006AAA"]', 1795176120);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (5, 'customers', '1:7', '{"account_id": "1", "archived": false, "id": "7", "email": 3, "last_name": "Flawed"}', '[["email", "breaks `type: string`"], ["id", "breaks `x`"]]', NULL, 'check', 'invalid', false, '["id"]', NULL, 'id: breaks `x`', 1, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'open', '8afe0d29ff6345d0bc1ce36197cf6a13', '[]', 1795176120);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (6, 'sales', '1:11', '{"account_id": "1", "id": "11", "state": "completed", "shop_id": "77", "total": "7.00", "line_ids": ["110"], "updated_at": "2026-05-02T09:00:00Z"}', '[]', '2026-05-02T09:00:00.000000+00:00', 'plan', 'parent_missing', true, '["Shop__c"]', NULL, NULL, 2, '2026-11-20T12:00:00+00:00', '2026-11-20T13:00:00+00:00', 'open', 'b97a643d93f049fab2f8ff1b4f25b5ac', '[]', 1795179840);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (7, 'sale_lines', '1:110', '{"account_id": "1", "id": "110", "sale_id": "11", "quantity": "1"}', '[]', NULL, 'plan', 'parent_missing', true, '["Sale__c"]', NULL, NULL, 1, '2026-11-20T12:00:00+00:00', '2026-11-20T12:00:00+00:00', 'open', '8afe0d29ff6345d0bc1ce36197cf6a13', '[]', 1795176120);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (8, 'reasons', '1:invalid', '{"id": "invalid", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'plan', 'invalid', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (9, 'reasons', '1:required_missing', '{"id": "required_missing", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'send', 'required_missing', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (10, 'reasons', '1:unconvertible', '{"id": "unconvertible", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'settle', 'unconvertible', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (11, 'reasons', '1:defect', '{"id": "defect", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'check', 'defect', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (12, 'reasons', '1:many_matches', '{"id": "many_matches", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'map', 'many_matches', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (13, 'reasons', '1:match_held', '{"id": "match_held", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'match', 'match_held', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (14, 'reasons', '1:none_held', '{"id": "none_held", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'plan', 'none_held', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (15, 'reasons', '1:other_currency', '{"id": "other_currency", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'send', 'other_currency', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (16, 'reasons', '1:parent_missing', '{"id": "parent_missing", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'settle', 'parent_missing', true, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (17, 'reasons', '1:parent_gone', '{"id": "parent_gone", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'check', 'parent_gone', true, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (18, 'reasons', '1:parent_held', '{"id": "parent_held", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'map', 'parent_held', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (19, 'reasons', '1:converted', '{"id": "converted", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'match', 'converted', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (20, 'reasons', '1:twin', '{"id": "twin", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'plan', 'twin', true, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (21, 'reasons', '1:rule_broken', '{"id": "rule_broken", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'send', 'rule_broken', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (22, 'reasons', '1:value_refused', '{"id": "value_refused", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'settle', 'value_refused', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (23, 'reasons', '1:field_required', '{"id": "field_required", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'check', 'field_required', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (24, 'reasons', '1:duplicate_rule', '{"id": "duplicate_rule", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'map', 'duplicate_rule', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (25, 'reasons', '1:value_taken', '{"id": "value_taken", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'match', 'value_taken', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (26, 'reasons', '1:key_not_unique', '{"id": "key_not_unique", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'plan', 'key_not_unique', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (27, 'reasons', '1:gone', '{"id": "gone", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'send', 'gone', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (28, 'reasons', '1:not_allowed', '{"id": "not_allowed", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'settle', 'not_allowed', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (29, 'reasons', '1:person_account', '{"id": "person_account", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'check', 'person_account', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (30, 'reasons', '1:locked', '{"id": "locked", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'map', 'locked', true, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO holds ("number", "stream", "key", "payload", "faults", "version", "stage", "reason", "waits", "fields", "code", "message", "attempts", "first_seen", "last_seen", "state", "run", "candidates", "due") VALUES
    (31, 'reasons', '1:refused', '{"id": "refused", "price": 2.50}', '[["price", "breaks `x`"]]', '2026-05-01', 'match', 'refused', false, '["Price__c"]', 'SOME_CODE', 'words', 1, '2026-11-20T14:00:00+00:00', '2026-11-20T14:00:00+00:00', 'open', '69c9b8a8f5a64eba97d721fdfc2b8188', '["003000000000007AAA", "003000000000008AAA"]', 1795183320);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('sales', '1:10', 'Shopper', 'customers', '1:99', 'blank', 15);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('sale_lines', '1:110', 'Sale__c', 'sales', '1:11', 'hold', 16);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('sales', '1:11', 'Shop__c', 'shops', '1:77', 'hold', 18);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('reasons', '1:parent_missing', 'Shop__c', 'shops', '1:404', 'hold', 19);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('reasons', '1:parent_gone', 'Shop__c', 'shops', '1:404', 'hold', 19);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('reasons', '1:twin', 'Shop__c', 'shops', '1:404', 'hold', 19);
INSERT INTO waits ("stream", "key", "label", "parent_stream", "parent_key", "kind", "seq") VALUES
    ('reasons', '1:locked', 'Shop__c', 'shops', '1:404', 'hold', 19);
INSERT INTO siblings ("stream", "parent", "version", "keys") VALUES
    ('sale_lines', '1:9', '2026-05-03T09:00:00.000000+00:00', '["1:90"]');
INSERT INTO siblings ("stream", "parent", "version", "keys") VALUES
    ('sale_lines', '1:10', '2026-05-02T09:00:00.000000+00:00', '[]');
INSERT INTO siblings ("stream", "parent", "version", "keys") VALUES
    ('sale_lines', '1:11', '2026-05-02T09:00:00.000000+00:00', '["1:110"]');
INSERT INTO siblings ("stream", "parent", "version", "keys") VALUES
    ('sale_lines', '1:12', NULL, '["1:120"]');
INSERT INTO siblings ("stream", "parent", "version", "keys") VALUES
    ('sale_lines', '1:13', NULL, '["1:130", "1:131"]');
