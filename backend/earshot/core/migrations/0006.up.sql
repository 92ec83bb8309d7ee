-- Themes that the machine was not sure enough of to claim. People see them; no count, chart or measure does.
CREATE TABLE comment_considered (
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  framework text NOT NULL,
  theme text NOT NULL,
  p real NOT NULL,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  PRIMARY KEY (comment_id, framework, theme)
);

GRANT SELECT ON comment_considered TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON comment_considered TO earshot_worker;
ALTER TABLE comment_considered ENABLE ROW LEVEL SECURITY;
ALTER TABLE comment_considered FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON comment_considered TO earshot_worker USING (true) WITH CHECK (true);
CREATE POLICY scope ON comment_considered TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])
  AND stream = ANY ((SELECT visible_streams())::text[]));

-- Around each threshold lies the band in which neither "it is there" nor "it is not" can be trusted.
ALTER TABLE bundle_version ADD COLUMN bands jsonb NOT NULL DEFAULT '{}';  -- theme: [from, to]
UPDATE bundle_version v SET bands = coalesce((
  SELECT jsonb_object_agg(key, jsonb_build_array(least(0.2, value::float8 / 2), greatest(0.8, value::float8)))
  FROM jsonb_each_text(v.thresholds)), '{}');
