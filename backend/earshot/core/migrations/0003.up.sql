-- What people said about the machine's reading. A correction is a row of its own: the analysis stays as it was.
-- One that was undone, or replaced by a newer one about the same thing, has ended.
CREATE TABLE correction (
  id uuid PRIMARY KEY,
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  kind text NOT NULL CHECK (kind IN ('theme', 'sentiment', 'risk', 'redaction', 'checked')),
  framework text,
  theme text,
  present boolean,                     -- the theme is there or not; there is a risk or not
  sentiment smallint CHECK (sentiment BETWEEN 1 AND 5),
  identifier text,                     -- what kind of thing was taken out of the text, never what it was
  span int4range,                      -- where it stood in the text as it was then
  made_by uuid NOT NULL REFERENCES account,
  made_on date NOT NULL DEFAULT current_date,
  number bigint GENERATED ALWAYS AS IDENTITY,
  ended_by uuid REFERENCES account,
  ended_on date,
  CHECK ((kind = 'theme') = (theme IS NOT NULL AND framework IS NOT NULL)),
  CHECK ((kind IN ('theme', 'risk')) = (present IS NOT NULL)),
  CHECK ((kind = 'sentiment') = (sentiment IS NOT NULL)),
  CHECK ((kind = 'redaction') = (identifier IS NOT NULL AND span IS NOT NULL)),
  CHECK (kind <> 'redaction' OR ended_on IS NULL)  -- what was taken out never comes back
);
CREATE INDEX correction_comment ON correction (comment_id);
CREATE UNIQUE INDEX correction_live ON correction (comment_id, kind, coalesce(framework, ''), coalesce(theme, ''))
  WHERE ended_on IS NULL AND kind <> 'redaction';

-- The reading as corrected. Views of the one who asks: row-level security of the tables below applies.
CREATE VIEW effective_theme WITH (security_invoker = true) AS
  WITH live AS NOT MATERIALIZED (SELECT * FROM correction WHERE kind = 'theme' AND ended_on IS NULL)
  SELECT t.comment_id, t.framework, t.theme, t.p, t.words, t.org_id, t.stream, coalesce(v.present, false) AS by_person
  FROM comment_theme t
  LEFT JOIN live v ON v.comment_id = t.comment_id AND v.framework = t.framework AND v.theme = t.theme
  WHERE v.present IS NOT FALSE
    AND NOT (t.theme = 'Not assigned'
      AND EXISTS (SELECT FROM live a WHERE a.comment_id = t.comment_id AND a.framework = t.framework AND a.present))
  UNION ALL
  SELECT v.comment_id, v.framework, v.theme, 0::real, '[]'::jsonb, v.org_id, v.stream, true
  FROM live v
  WHERE v.present AND NOT EXISTS (
    SELECT FROM comment_theme t WHERE t.comment_id = v.comment_id AND t.framework = v.framework AND t.theme = v.theme)
  UNION ALL  -- every theme that the machine heard was taken away, and none was added
  SELECT DISTINCT v.comment_id, v.framework, 'Not assigned', 0::real, '[]'::jsonb, v.org_id, v.stream, true
  FROM live v
  WHERE NOT EXISTS (SELECT FROM live a WHERE a.comment_id = v.comment_id AND a.framework = v.framework AND a.present)
    AND NOT EXISTS (
      SELECT FROM comment_theme t WHERE t.comment_id = v.comment_id AND t.framework = v.framework AND NOT EXISTS (
        SELECT FROM live r WHERE r.comment_id = t.comment_id AND r.framework = t.framework AND r.theme = t.theme));
CREATE VIEW effective_sentiment WITH (security_invoker = true) AS
  SELECT a.comment_id, a.org_id, a.stream, coalesce(v.sentiment, a.sentiment) AS sentiment, v.id IS NOT NULL AS by_person
  FROM analysis a
  LEFT JOIN correction v ON v.comment_id = a.comment_id AND v.kind = 'sentiment' AND v.ended_on IS NULL;

-- Models that learned from corrections. The weights lie in files; a row holds what is known of them.
CREATE TABLE bundle_version (
  id text PRIMARY KEY,
  parent text,
  state text NOT NULL CHECK (state IN ('candidate', 'active', 'refused', 'rolled_back', 'replaced')),
  reason text NOT NULL,
  scores jsonb,
  thresholds jsonb NOT NULL DEFAULT '{}',  -- theme: the probability from which it is claimed
  made_on date NOT NULL DEFAULT current_date,
  made_by uuid REFERENCES account,
  number bigint GENERATED ALWAYS AS IDENTITY,
  last_correction bigint NOT NULL DEFAULT 0   -- the newest correction that it knows
);
CREATE UNIQUE INDEX bundle_version_active ON bundle_version ((true)) WHERE state = 'active';

-- The same comments coded by several people who do not see each other's answers.
CREATE TABLE coding_sample (
  comment_id uuid PRIMARY KEY REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  drawn_by uuid NOT NULL REFERENCES account,
  drawn_on date NOT NULL DEFAULT current_date
);
CREATE TABLE coding (
  comment_id uuid NOT NULL REFERENCES coding_sample ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES account,
  themes text[] NOT NULL,
  coded_on date NOT NULL DEFAULT current_date,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  PRIMARY KEY (comment_id, account_id)
);

-- How what is said, and how well it is read, moves away from the first weeks.
CREATE TABLE drift (
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  week_start date NOT NULL,
  comments integer NOT NULL,
  languages jsonb NOT NULL,            -- language: comments
  figures jsonb NOT NULL,              -- measure: value
  bands jsonb NOT NULL,                -- measure: [low, high], empty in the baseline
  PRIMARY KEY (org_id, stream, week_start)
);

GRANT SELECT ON effective_theme, effective_sentiment TO earshot_console, earshot_worker;
GRANT SELECT ON correction, bundle_version, coding_sample, coding, drift TO earshot_console;
GRANT INSERT ON correction, coding_sample, coding TO earshot_console;
GRANT UPDATE (ended_by, ended_on) ON correction TO earshot_console;
GRANT UPDATE (state) ON bundle_version TO earshot_console;
GRANT UPDATE (text, redactions) ON comment TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON correction, bundle_version, coding_sample, coding, drift TO earshot_worker;

-- The console may take words out of a comment, never put any in.
CREATE FUNCTION only_take_out() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.text <> OLD.text AND NEW.redactions <= OLD.redactions THEN
    RAISE EXCEPTION 'a comment''s text changes only by a further redaction' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER only_take_out BEFORE UPDATE OF text ON comment FOR EACH ROW EXECUTE FUNCTION only_take_out();

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['correction', 'coding_sample', 'coding', 'drift'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])'
      ' AND stream = ANY ((SELECT visible_streams())::text[]))', t);
  END LOOP;
END $$;
