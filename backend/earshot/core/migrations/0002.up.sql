-- The net for immediate risk: what it heard, and how much it misses.
ALTER TABLE review_item DROP CONSTRAINT review_item_reason_check;
ALTER TABLE review_item ADD CONSTRAINT review_item_reason_check
  CHECK (reason IN ('language', 'unreadable', 'redaction', 'empty', 'safety'));

-- A comment may tell of danger of this kind. A later reading adds and never takes away: only a person's look clears it.
CREATE TABLE safety_flag (
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('self_harm', 'abuse_or_neglect', 'person_at_risk', 'threat_to_others', 'danger_now',
    'retaliation')),
  p real NOT NULL,
  evidence_start integer NOT NULL,     -- the words that told, in the de-identified text
  evidence_end integer NOT NULL,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  PRIMARY KEY (comment_id, kind),
  CHECK (0 <= evidence_start AND evidence_start <= evidence_end)
);
CREATE INDEX safety_flag_org ON safety_flag (org_id);

-- Comments drawn at random among those that nothing was heard in, for people to say whether something was missed.
CREATE TABLE safety_sample (
  comment_id uuid PRIMARY KEY REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  drawn_on date NOT NULL DEFAULT current_date,
  risk boolean,                        -- a person's verdict: it does tell of immediate risk
  looked_at_by uuid REFERENCES account,
  looked_at_on date,
  CHECK ((risk IS NULL) = (looked_at_on IS NULL))
);
CREATE INDEX safety_sample_open ON safety_sample (org_id) WHERE looked_at_on IS NULL;

GRANT SELECT ON safety_flag, safety_sample TO earshot_console;
GRANT UPDATE (risk, looked_at_by, looked_at_on) ON safety_sample TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON safety_flag, safety_sample TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['safety_flag', 'safety_sample'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])'
      ' AND stream = ANY ((SELECT visible_streams())::text[]))', t);
  END LOOP;
END $$;
