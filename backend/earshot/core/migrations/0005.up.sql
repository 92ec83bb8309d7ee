-- Signals: what the detectors found, what became of it, and what every look at the series found.
CREATE TABLE signal (
  id uuid PRIMARY KEY,
  subject text NOT NULL,               -- kind, place, streams, measure, label and group in one text
  kind text NOT NULL CHECK (kind IN ('rise', 'fall', 'praise', 'co_signal', 'silence', 'emerging', 'inequity',
    'one_comment')),
  meaning text NOT NULL CHECK (meaning IN ('concern', 'improvement', 'neutral')),
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL CHECK (streams <@ '{patient,carer,staff}' AND streams <> '{}'),
  measure text NOT NULL,               -- a measure of `daily`, 'positive', 'cluster' or 'safety'
  label text NOT NULL DEFAULT '',      -- the theme, the discovered theme's id, or the kind of risk
  about text NOT NULL DEFAULT '',      -- the group of people, such as 'ethnicity=asian'
  since date NOT NULL,
  until date NOT NULL,
  observed integer NOT NULL,
  expected double precision,
  statistic double precision,
  weeks_between double precision,      -- one such alarm in so many weeks is expected by chance, over all that is watched
  detector text NOT NULL,
  detector_version text NOT NULL,
  sentence text NOT NULL,
  expectations jsonb NOT NULL DEFAULT '[]',  -- the weeks as the detector saw them: start, expected, limit
  words jsonb NOT NULL DEFAULT '[]',
  comment_ids uuid[] NOT NULL DEFAULT '{}',
  respondents integer,                 -- people behind it; none where it tells of nobody's words
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'acknowledged', 'watching', 'acted_on', 'closed',
    'reopened')),
  closed_reason text,
  owner_id uuid REFERENCES account,
  revision integer NOT NULL DEFAULT 1,
  going_on boolean NOT NULL DEFAULT true,
  raised_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz,                  -- until when somebody must have acknowledged it
  acknowledged_at timestamptz,
  CHECK ((state = 'closed') = (closed_reason IS NOT NULL)),
  CHECK (since <= until)
);
-- Repeated evidence extends what is open; a comment is a signal once, whatever became of it.
CREATE UNIQUE INDEX signal_open ON signal (subject) WHERE state <> 'closed' OR kind = 'one_comment';
CREATE INDEX signal_subject ON signal (subject, raised_at DESC);
CREATE INDEX signal_org ON signal (org_id, state);

-- The life of a signal, append-only: nobody is granted a change or a removal.
CREATE TABLE signal_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  signal_id uuid NOT NULL REFERENCES signal,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  what text NOT NULL CHECK (what IN ('raised', 'extended', 'faded', 'acknowledged', 'watching', 'acted_on', 'closed',
    'reopened', 'owned', 'released', 'undone')),
  by_id uuid REFERENCES account,       -- nobody: Earshot itself
  note text,
  was jsonb NOT NULL DEFAULT '{}',     -- state, reason and owner before
  figures jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX signal_event_signal ON signal_event (signal_id, id);
CREATE TABLE signal_answer (
  signal_id uuid NOT NULL REFERENCES signal,
  account_id uuid NOT NULL REFERENCES account,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL,
  useful boolean NOT NULL,
  answered_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (signal_id, account_id)
);

-- Every look at a provider's series: the days it knew, the budget, and a hash of all that it found.
CREATE TABLE signal_scan (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  as_of date NOT NULL,                 -- the last day that counted
  first_week date NOT NULL,            -- the first week that was read
  budget double precision NOT NULL,    -- false alarms a month
  series integer NOT NULL,
  comments integer NOT NULL,           -- counted up to that day, as known then
  content_hash text NOT NULL,
  ran_at timestamptz NOT NULL DEFAULT now(),
  number bigint GENERATED ALWAYS AS IDENTITY,
  UNIQUE (org_id, as_of, content_hash)
);
CREATE TABLE signal_finding (
  scan_id uuid NOT NULL REFERENCES signal_scan,
  signal_id uuid NOT NULL REFERENCES signal,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL,
  as_of date NOT NULL,
  kind text NOT NULL,
  meaning text NOT NULL,
  since date NOT NULL,
  until date NOT NULL,
  observed integer NOT NULL,
  expected double precision,
  weeks_between double precision,
  respondents integer,
  sentence text NOT NULL,
  PRIMARY KEY (scan_id, signal_id)
);
CREATE INDEX signal_finding_org ON signal_finding (org_id, as_of);

-- How many false alarms a provider can bear, and how soon a possible risk must be acknowledged.
CREATE TABLE signal_rules (
  org_id uuid PRIMARY KEY REFERENCES org,
  false_alarms double precision NOT NULL CHECK (false_alarms BETWEEN 0.1 AND 100),  -- a month
  acknowledge_hours double precision NOT NULL CHECK (acknowledge_hours BETWEEN 0.25 AND 168),
  set_by uuid REFERENCES account,
  set_on date NOT NULL DEFAULT current_date
);

-- The providers above or below what this transaction may see and, where one is asked for, above or below that place.
CREATE FUNCTION visible_providers(asked uuid) RETURNS TABLE (id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT p.id, p.name
  FROM org r JOIN org p ON p.level = 'provider' AND (p.path @> r.path OR p.path <@ r.path)
  WHERE r.id = ANY (string_to_array(nullif(current_setting('earshot.scope', true), ''), ',')::uuid[])
    AND (asked IS NULL OR EXISTS (SELECT FROM org o WHERE o.id = asked AND (o.path <@ p.path OR p.path <@ o.path)))
$$;

GRANT SELECT ON signal, signal_event, signal_answer, signal_scan, signal_finding, signal_rules TO earshot_console;
GRANT UPDATE (state, closed_reason, owner_id, revision, acknowledged_at) ON signal TO earshot_console;
GRANT INSERT ON signal_event, signal_answer, signal_rules TO earshot_console;
GRANT UPDATE (useful, answered_on) ON signal_answer TO earshot_console;
GRANT UPDATE (false_alarms, acknowledge_hours, set_by, set_on) ON signal_rules TO earshot_console;
GRANT SELECT, INSERT, UPDATE ON signal, signal_answer, signal_rules TO earshot_worker;
GRANT SELECT, INSERT ON signal_event, signal_scan, signal_finding TO earshot_worker;

-- Who has looked at a possible risk in Review has acknowledged the signal of that comment, too.
CREATE FUNCTION looking_acknowledges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  WITH before AS (
    SELECT id, state FROM signal WHERE subject = 'one_comment/' || NEW.comment_id AND state IN ('new', 'reopened') FOR UPDATE
  ), met AS (
    UPDATE signal s SET state = 'acknowledged', acknowledged_at = now(), revision = s.revision + 1
    FROM before b WHERE b.id = s.id
    RETURNING s.id, s.org_id, s.streams, b.state AS was
  )
  INSERT INTO signal_event (signal_id, org_id, streams, what, by_id, note, was)
  SELECT id, org_id, streams, 'acknowledged', NEW.looked_at_by, 'Looked at in Review.', jsonb_build_object('state', was)
  FROM met;
  RETURN NULL;
END $$;
CREATE TRIGGER looking_acknowledges AFTER UPDATE OF looked_at_on ON review_item FOR EACH ROW
  WHEN (NEW.reason = 'safety' AND OLD.looked_at_on IS NULL AND NEW.looked_at_on IS NOT NULL)
  EXECUTE FUNCTION looking_acknowledges();

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['signal', 'signal_event', 'signal_answer', 'signal_scan', 'signal_finding', 'signal_rules'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['signal', 'signal_event', 'signal_answer', 'signal_finding'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])'
      ' AND streams <@ (SELECT visible_streams())::text[])', t);
  END LOOP;
END $$;
-- A ward's manager may know when the trust's series were looked at and how many false alarms the trust bears, and what
-- the trust is called; changing that needs the whole trust in scope.
CREATE POLICY sight ON signal_scan FOR SELECT TO earshot_console
  USING (org_id IN (SELECT p.id FROM visible_providers(NULL) p));
CREATE POLICY sight ON signal_rules FOR SELECT TO earshot_console
  USING (org_id IN (SELECT p.id FROM visible_providers(NULL) p));
CREATE POLICY scope ON signal_rules TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
