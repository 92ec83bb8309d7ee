-- Reports that are frozen, and keys for other programmes: counts leave the house only as `statistic` keeps them.

-- A quality report of a place, a period and streams. Late data makes another one: what was made stays as it was.
CREATE TABLE report (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES org,
  since date NOT NULL,
  until date NOT NULL CHECK (until >= since),
  streams text[] NOT NULL CHECK (cardinality(streams) > 0),
  n integer,                           -- the how manieth version; NULL until it is made
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'making', 'ready', 'unchanged', 'failed')),
  done smallint NOT NULL DEFAULT 0,
  steps smallint NOT NULL DEFAULT 0,
  content bytea CHECK (length(content) = 32),  -- SHA-256 of everything that it says
  same_as uuid REFERENCES report,      -- where nothing had changed since
  late boolean NOT NULL DEFAULT false, -- made again by itself, because data came late
  asked_by uuid NOT NULL REFERENCES account,
  asked_on date NOT NULL DEFAULT current_date,
  made_on date,
  CHECK ((state = 'ready') = (n IS NOT NULL AND content IS NOT NULL AND made_on IS NOT NULL)),
  UNIQUE (org_id, since, until, streams, n)
);
CREATE TABLE report_file (
  report_id uuid NOT NULL REFERENCES report ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('pdf', 'pptx', 'xlsx')),
  content bytea NOT NULL,
  hash bytea NOT NULL CHECK (hash = sha256(content)),
  PRIMARY KEY (report_id, kind)
);

-- Counts of whole weeks and months as they may leave the house: small ones, and those that would give them away, are
-- NULL, others are rounded. A combination without a row counts nothing.
CREATE TABLE statistic (
  org_id uuid NOT NULL REFERENCES org,
  period text NOT NULL CHECK (period IN ('week', 'month')),
  start date NOT NULL,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  measure text NOT NULL,
  label text NOT NULL DEFAULT '',
  n integer CHECK (n >= 5 AND n % 5 = 0),
  taxonomy text NOT NULL,              -- by which words it was sorted: the name and version of a framework
  made_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (period, start, org_id, stream, measure, label)
);
CREATE INDEX statistic_org ON statistic (org_id, period, start);
-- What a period of a stream was made from: where that is the same, nothing is made again.
CREATE TABLE statistic_made (
  period text NOT NULL,
  start date NOT NULL,
  stream text NOT NULL,
  source text NOT NULL,
  made_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (period, start, stream)
);

-- Keys of other programmes: shown once, kept as a hash. A key gives weeks or months, so that nobody takes the one from
-- the other.
CREATE TABLE feed_key (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  key_hash bytea NOT NULL UNIQUE CHECK (length(key_hash) = 32),
  begins text NOT NULL,                -- its first characters, by which people know it again
  name text NOT NULL CHECK (name <> ''),
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL CHECK (cardinality(streams) > 0),
  may text[] NOT NULL CHECK (cardinality(may) > 0 AND may <@ ARRAY['counts', 'send']),
  period text NOT NULL CHECK (period IN ('week', 'month')),
  made_by uuid NOT NULL REFERENCES account,
  made_on date NOT NULL DEFAULT current_date,
  expires_on date NOT NULL,
  revoked_on date,
  last_used_on date
);
CREATE INDEX feed_key_org ON feed_key (org_id);
-- Logins that read the view `statistics`, each below one organisation: without a line here it shows nothing.
CREATE TABLE feed_reader (
  login text NOT NULL,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL DEFAULT ARRAY['patient', 'carer'],
  PRIMARY KEY (login, org_id)
);

-- Whose key this is, and that it was used today; no row for one that is unknown, revoked or past its day.
CREATE FUNCTION use_feed_key(given bytea)
RETURNS TABLE (id uuid, org_id uuid, streams text[], may text[], period text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  UPDATE feed_key k SET last_used_on = current_date
  WHERE k.key_hash = given AND k.revoked_on IS NULL AND k.expires_on >= current_date
    AND k.last_used_on IS DISTINCT FROM current_date;
  RETURN QUERY SELECT k.id, k.org_id, k.streams, k.may, k.period FROM feed_key k
  WHERE k.key_hash = given AND k.revoked_on IS NULL AND k.expires_on >= current_date;
END $$;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'earshot_reader') THEN
    CREATE ROLE earshot_reader NOLOGIN;  -- an administrator makes logins that belong to it
  END IF;
END $$;
-- Months only: weeks beside them could be taken from each other.
CREATE VIEW statistics WITH (security_barrier) AS
  SELECT md5(concat_ws('|', s.period, s.start, o.code, s.stream, s.measure, s.label))::uuid AS id,
    o.code AS organisation_code, o.ods_code, o.name AS organisation, o.level,
    s.start AS first_day, (s.start + interval '1 month' - interval '1 day')::date AS last_day,
    s.stream, s.measure, s.label, s.n, s.n IS NULL AS too_few_to_say, s.taxonomy, s.made_on
  FROM statistic s JOIN org o ON o.id = s.org_id
  WHERE s.period = 'month' AND EXISTS (
    SELECT FROM feed_reader r JOIN org top ON top.id = r.org_id
    WHERE r.login = session_user AND o.path <@ top.path AND s.stream = ANY (r.streams));
COMMENT ON VIEW statistics IS 'Counts by month, small numbers hidden (NULL) and others rounded to five. No row: nobody.';

REVOKE ALL ON FUNCTION use_feed_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION use_feed_key(bytea) TO earshot_console, earshot_public;
GRANT USAGE ON SCHEMA public TO earshot_reader;
GRANT SELECT ON statistics TO earshot_reader;
GRANT SELECT ON report, report_file, statistic TO earshot_console;
GRANT INSERT (org_id, since, until, streams, asked_by) ON report TO earshot_console;
GRANT SELECT (id, begins, name, org_id, streams, may, period, made_by, made_on, expires_on, revoked_on, last_used_on)
  ON feed_key TO earshot_console;
GRANT INSERT (key_hash, begins, name, org_id, streams, may, period, made_by, expires_on), UPDATE (revoked_on) ON feed_key
  TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON report, statistic, statistic_made, feed_key, feed_reader TO earshot_worker;
GRANT SELECT, INSERT, DELETE ON report_file TO earshot_worker;  -- what was made is never changed
-- A report counts cases too, on behalf of whoever asked for it: these functions look at who acts, whoever runs them.
GRANT EXECUTE ON FUNCTION speak_up_facts(uuid, date, date), case_times(uuid, date, date) TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['report', 'report_file', 'statistic', 'statistic_made', 'feed_key', 'feed_reader'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s TO %I USING (true)', t, current_user);
  END LOOP;
END $$;
-- Who may not see a stream must not see a report that was made with it.
CREATE POLICY scope ON report FOR SELECT TO earshot_console USING (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]
);
CREATE POLICY asked ON report FOR INSERT TO earshot_console WITH CHECK (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]
  AND asked_by = acting_account()
);
CREATE POLICY scope ON report_file FOR SELECT TO earshot_console USING (EXISTS (SELECT FROM report r WHERE r.id = report_id));
CREATE POLICY scope ON statistic FOR SELECT TO earshot_console USING (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND stream = ANY ((SELECT visible_streams())::text[])
);
CREATE POLICY scope ON feed_key FOR SELECT TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
CREATE POLICY revoked ON feed_key FOR UPDATE TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
CREATE POLICY made ON feed_key FOR INSERT TO earshot_console WITH CHECK (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]
  AND made_by = acting_account()
);
