-- Counts by week and month for every organisation and all above it, so that a page reads a few hundred rows however
-- many comments there are; and how long cases waited.

-- Answers by group of people: how many, how many of the Friends and Family Test and how many of those good, how many
-- comments and how many of those negative. A label is a question and its answer, such as 'age_band=25_34'.
ALTER TABLE daily DROP CONSTRAINT daily_measure_check;
ALTER TABLE daily ADD CONSTRAINT daily_measure_check CHECK (measure IN ('responses', 'comments', 'fft', 'sentiment',
  'theme', 'theme_negative', 'group', 'group_fft', 'group_positive', 'group_comments', 'group_negative'));

-- `start` is a Monday, or the first day of a month. `n` counts the organisation and everything below it.
CREATE TABLE weekly_count (
  org_id uuid NOT NULL REFERENCES org ON DELETE CASCADE,
  measure text NOT NULL,
  start date NOT NULL,
  label text NOT NULL,
  stream text NOT NULL,
  n integer NOT NULL,
  PRIMARY KEY (org_id, measure, start, label, stream)
);
CREATE TABLE monthly_count (LIKE weekly_count INCLUDING ALL);
ALTER TABLE monthly_count ADD FOREIGN KEY (org_id) REFERENCES org ON DELETE CASCADE;
-- Both at once: whoever reads says which.
CREATE VIEW period_count WITH (security_invoker = true) AS
  SELECT 'week' AS period, w.* FROM weekly_count w UNION ALL SELECT 'month', m.* FROM monthly_count m;
-- What a transaction changed, until it commits: empty for everybody else. Folded in at the commit, in one order, so that
-- two transactions never wait for each other in a ring, and counts above many wards are held for the commit alone.
CREATE UNLOGGED TABLE rollup_change (
  monthly boolean NOT NULL,
  org_id uuid NOT NULL,
  measure text NOT NULL,
  start date NOT NULL,
  label text NOT NULL,
  stream text NOT NULL,
  n integer NOT NULL
);
CREATE UNLOGGED TABLE rollup_due (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

CREATE FUNCTION rollup_fold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO weekly_count AS w (org_id, measure, start, label, stream, n)
  SELECT c.org_id, c.measure, c.start, c.label, c.stream, sum(c.n) FROM rollup_change c
  WHERE NOT c.monthly AND c.org_id IN (SELECT id FROM org) GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.n) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (org_id, measure, start, label, stream) DO UPDATE SET n = w.n + EXCLUDED.n;
  DELETE FROM weekly_count w USING rollup_change c
  WHERE NOT c.monthly AND (w.org_id, w.measure, w.start, w.label, w.stream) = (c.org_id, c.measure, c.start, c.label, c.stream)
    AND w.n = 0;
  INSERT INTO monthly_count AS m (org_id, measure, start, label, stream, n)
  SELECT c.org_id, c.measure, c.start, c.label, c.stream, sum(c.n) FROM rollup_change c
  WHERE c.monthly AND c.org_id IN (SELECT id FROM org) GROUP BY 1, 2, 3, 4, 5 HAVING sum(c.n) <> 0 ORDER BY 1, 2, 3, 4, 5
  ON CONFLICT (org_id, measure, start, label, stream) DO UPDATE SET n = m.n + EXCLUDED.n;
  DELETE FROM monthly_count m USING rollup_change c
  WHERE c.monthly AND (m.org_id, m.measure, m.start, m.label, m.stream) = (c.org_id, c.measure, c.start, c.label, c.stream)
    AND m.n = 0;
  DELETE FROM rollup_change;
  DELETE FROM rollup_due;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER rollup_fold AFTER INSERT ON rollup_due DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION rollup_fold();

-- Note what one statement did to `daily`, for each organisation and all above it. The lock keeps a place from being moved
-- until this transaction has ended.
CREATE FUNCTION rollup_note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP IN ('DELETE', 'UPDATE') THEN
    PERFORM FROM org WHERE id IN (SELECT org_id FROM was) ORDER BY id FOR KEY SHARE;
    INSERT INTO rollup_change
    WITH changed AS (
      SELECT x.monthly, d.org_id, d.measure, date_trunc(x.period, d.day)::date AS start, d.label, d.stream, sum(d.n)::int AS n
      FROM was d CROSS JOIN (VALUES (false, 'week'), (true, 'month')) AS x (monthly, period) GROUP BY 1, 2, 3, 4, 5, 6
    ), place AS MATERIALIZED (
      SELECT o.id, a.id AS above FROM org o JOIN org a ON a.path @> o.path WHERE o.id IN (SELECT org_id FROM changed)
    )
    SELECT c.monthly, p.above, c.measure, c.start, c.label, c.stream, -sum(c.n)::int
    FROM changed c JOIN place p ON p.id = c.org_id GROUP BY 1, 2, 3, 4, 5, 6;
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') THEN
    PERFORM FROM org WHERE id IN (SELECT org_id FROM now) ORDER BY id FOR KEY SHARE;
    INSERT INTO rollup_change
    WITH changed AS (
      SELECT x.monthly, d.org_id, d.measure, date_trunc(x.period, d.day)::date AS start, d.label, d.stream, sum(d.n)::int AS n
      FROM now d CROSS JOIN (VALUES (false, 'week'), (true, 'month')) AS x (monthly, period) GROUP BY 1, 2, 3, 4, 5, 6
    ), place AS MATERIALIZED (
      SELECT o.id, a.id AS above FROM org o JOIN org a ON a.path @> o.path WHERE o.id IN (SELECT org_id FROM changed)
    )
    SELECT c.monthly, p.above, c.measure, c.start, c.label, c.stream, sum(c.n)::int
    FROM changed c JOIN place p ON p.id = c.org_id GROUP BY 1, 2, 3, 4, 5, 6;
  END IF;
  IF EXISTS (SELECT FROM rollup_change) AND NOT EXISTS (SELECT FROM rollup_due) THEN
    INSERT INTO rollup_due DEFAULT VALUES;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rollup_added AFTER INSERT ON daily REFERENCING NEW TABLE AS now
  FOR EACH STATEMENT EXECUTE FUNCTION rollup_note();
CREATE TRIGGER rollup_removed AFTER DELETE ON daily REFERENCING OLD TABLE AS was
  FOR EACH STATEMENT EXECUTE FUNCTION rollup_note();
CREATE TRIGGER rollup_changed AFTER UPDATE ON daily REFERENCING OLD TABLE AS was NEW TABLE AS now
  FOR EACH STATEMENT EXECUTE FUNCTION rollup_note();

-- A place that moves takes its counts from those that were above it to those that are.
CREATE FUNCTION rollup_move() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM was w JOIN now n USING (id) WHERE w.path <> n.path) THEN
    RETURN NULL;
  END IF;
  INSERT INTO rollup_change
  WITH moved AS (
    SELECT id, w.path AS old_path, n.path AS new_path FROM was w JOIN now n USING (id) WHERE w.path <> n.path
  ), before AS (
    SELECT id, path FROM org WHERE id NOT IN (SELECT id FROM moved) UNION ALL SELECT id, old_path FROM moved
  ), place AS (
    SELECT m.id, b.id AS above, -1 AS way FROM moved m JOIN before b ON b.path @> m.old_path
    UNION ALL SELECT m.id, a.id, 1 FROM moved m JOIN org a ON a.path @> m.new_path
  )
  SELECT x.monthly, p.above, d.measure, date_trunc(x.period, d.day)::date, d.label, d.stream, sum(p.way * d.n)::int
  FROM place p JOIN daily d ON d.org_id = p.id CROSS JOIN (VALUES (false, 'week'), (true, 'month')) AS x (monthly, period)
  GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(p.way * d.n) <> 0;
  IF EXISTS (SELECT FROM rollup_change) AND NOT EXISTS (SELECT FROM rollup_due) THEN
    INSERT INTO rollup_due DEFAULT VALUES;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER rollup_moved AFTER UPDATE ON org REFERENCING OLD TABLE AS was NEW TABLE AS now
  FOR EACH STATEMENT EXECUTE FUNCTION rollup_move();
CREATE FUNCTION rollup_empty() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  TRUNCATE weekly_count, monthly_count, rollup_change, rollup_due;
  RETURN NULL;
END $$;
CREATE TRIGGER rollup_emptied AFTER TRUNCATE ON daily FOR EACH STATEMENT EXECUTE FUNCTION rollup_empty();

-- How many days cases waited for the first answer and until they were closed: counted, without a word and without a ward,
-- for a provider and what is above it only, and without those that the person acting must not know of.
CREATE FUNCTION case_times(place uuid, first date, last date)
RETURNS TABLE (stream text, answered_after integer, closed_after integer, n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.stream, min(t.on_day) - f.received_on, f.closed_on - f.received_on, 1
  FROM org r JOIN org o ON o.path <@ r.path JOIN case_file f ON f.org_id = o.id
  LEFT JOIN case_text t ON t.case_id = f.id AND t.kind = 'from_handler'
  WHERE r.id = place AND r.level IN ('nation', 'region', 'icb', 'provider')
    AND f.received_on BETWEEN first AND last AND f.continues_id IS NULL AND f.stream = ANY (visible_streams())
    AND acts_over(place, CASE f.stream WHEN 'staff' THEN ARRAY['guardian', 'quality_lead']
      ELSE ARRAY['administrator', 'pals', 'quality_lead'] END)
    AND NOT kept_from_me(f.id, f.excluded_roles)
  GROUP BY f.id, f.stream, f.received_on, f.closed_on
$$;
REVOKE ALL ON FUNCTION case_times(uuid, date, date), rollup_fold(), rollup_note(), rollup_move(), rollup_empty() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION case_times(uuid, date, date) TO earshot_console;
GRANT SELECT ON weekly_count, monthly_count, period_count TO earshot_console, earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['weekly_count', 'monthly_count', 'rollup_change', 'rollup_due'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_counts ON %s TO %I USING (true) WITH CHECK (true)', t, current_user);
  END LOOP;
  EXECUTE format('CREATE POLICY owner_reads ON daily FOR SELECT TO %I USING (true)', current_user);
  EXECUTE format('CREATE POLICY owner_locks ON org FOR UPDATE TO %I USING (true) WITH CHECK (false)', current_user);
  -- A set, not an array: a page reads thousands of rows, and each is looked up among the places in scope.
  FOREACH t IN ARRAY ARRAY['weekly_count', 'monthly_count'] LOOP
    EXECUTE format('CREATE POLICY worker ON %s FOR SELECT TO earshot_worker USING (true)', t);
    EXECUTE format('CREATE POLICY scope ON %s FOR SELECT TO earshot_console USING (org_id IN (SELECT unnest(visible_orgs()))'
      ' AND stream = ANY ((SELECT visible_streams())::text[]))', t);
  END LOOP;
END $$;

-- What was heard until now. The owner reads past the policies for these statements alone.
ALTER TABLE daily NO FORCE ROW LEVEL SECURITY;
ALTER TABLE response NO FORCE ROW LEVEL SECURITY;
ALTER TABLE comment NO FORCE ROW LEVEL SECURITY;
ALTER TABLE analysis NO FORCE ROW LEVEL SECURITY;
ALTER TABLE correction NO FORCE ROW LEVEL SECURITY;
ALTER TABLE daily DISABLE TRIGGER rollup_added;
WITH answered AS (
  SELECT r.id, r.org_id, r.said_on, r.stream, r.fft, a.key || '=' || a.value AS label
  FROM response r CROSS JOIN jsonb_each_text(r.about) AS a
  WHERE a.key IN ('age_band', 'ethnicity', 'disability', 'main_language') AND a.value ~ '^[a-z0-9_]{1,40}$'
    AND a.value <> 'prefer_not_to_say'
), said AS (
  SELECT a.*, e.sentiment FROM answered a JOIN comment c ON c.response_id = a.id
  JOIN effective_sentiment e ON e.comment_id = c.id
)
INSERT INTO daily (org_id, day, stream, measure, label, n)
SELECT org_id, said_on, stream, 'group', label, count(*) FROM answered GROUP BY 1, 2, 3, 5
UNION ALL SELECT org_id, said_on, stream, 'group_fft', label, count(*) FROM answered WHERE fft IS NOT NULL GROUP BY 1, 2, 3, 5
UNION ALL SELECT org_id, said_on, stream, 'group_positive', label, count(*) FROM answered WHERE fft <= 2 GROUP BY 1, 2, 3, 5
UNION ALL SELECT org_id, said_on, stream, 'group_comments', label, count(*) FROM said GROUP BY 1, 2, 3, 5
UNION ALL SELECT org_id, said_on, stream, 'group_negative', label, count(*) FROM said WHERE sentiment >= 4 GROUP BY 1, 2, 3, 5;
INSERT INTO weekly_count
SELECT a.id, d.measure, date_trunc('week', d.day)::date, d.label, d.stream, sum(d.n)
FROM daily d JOIN org o ON o.id = d.org_id JOIN org a ON a.path @> o.path GROUP BY 1, 2, 3, 4, 5;
INSERT INTO monthly_count
SELECT a.id, d.measure, date_trunc('month', d.day)::date, d.label, d.stream, sum(d.n)
FROM daily d JOIN org o ON o.id = d.org_id JOIN org a ON a.path @> o.path GROUP BY 1, 2, 3, 4, 5;
ALTER TABLE daily ENABLE TRIGGER rollup_added;
ALTER TABLE daily FORCE ROW LEVEL SECURITY;
ALTER TABLE response FORCE ROW LEVEL SECURITY;
ALTER TABLE comment FORCE ROW LEVEL SECURITY;
ALTER TABLE analysis FORCE ROW LEVEL SECURITY;
ALTER TABLE correction FORCE ROW LEVEL SECURITY;
