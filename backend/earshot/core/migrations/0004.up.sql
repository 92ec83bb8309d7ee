-- What became of discovered themes. One that ended keeps its row, so that its number and name are never given again.
ALTER TABLE cluster ADD COLUMN ended_on date;
CREATE TABLE cluster_lineage (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'staff')),
  discovery_id uuid NOT NULL REFERENCES discovery ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('kept', 'split', 'merged', 'new', 'ended')),
  earlier_id uuid REFERENCES cluster ON DELETE CASCADE,
  later_id uuid REFERENCES cluster ON DELETE CASCADE,
  share real CHECK (share BETWEEN 0 AND 1),  -- of the earlier theme's comments, those that are in the later one
  noted_on date NOT NULL DEFAULT current_date,
  CHECK ((kind = 'new') = (earlier_id IS NULL)),
  CHECK ((kind = 'ended') = (later_id IS NULL)),
  CHECK ((kind IN ('kept', 'split', 'merged')) = (share IS NOT NULL)),
  UNIQUE NULLS NOT DISTINCT (discovery_id, earlier_id, later_id)
);
CREATE INDEX cluster_lineage_later ON cluster_lineage (later_id);
-- The order in which themes were looked for: several looks may share a day.
ALTER TABLE discovery ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;

GRANT SELECT ON cluster_lineage TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON cluster_lineage TO earshot_worker;
ALTER TABLE cluster_lineage ENABLE ROW LEVEL SECURITY;
ALTER TABLE cluster_lineage FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON cluster_lineage TO earshot_worker USING (true) WITH CHECK (true);
CREATE POLICY scope ON cluster_lineage TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])
  AND stream = ANY ((SELECT visible_streams())::text[]));
