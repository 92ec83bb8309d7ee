-- Returns: counts for them, what people typed in because Earshot cannot know it, and what was sent.

-- Whether the person acting has one of these roles over a place that their scope shows.
CREATE FUNCTION acts_over(place uuid, roles text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT place = ANY (visible_orgs()) AND EXISTS (
    SELECT FROM org o JOIN org above ON above.path @> o.path JOIN role_grant g ON g.org_id = above.id
    WHERE o.id = place AND g.account_id = acting_account() AND g.role = ANY (roles))
$$;
-- Whether somebody asked that the person acting must not know of a case: by name, or by what they are.
CREATE FUNCTION kept_from_me(file uuid, roles text[]) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT excluded_from(file) OR EXISTS (
    SELECT FROM role_grant g WHERE g.account_id = acting_account() AND g.role = ANY (roles))
$$;
-- Cases of staff, counted: no words, and none of which the person acting must not know.
CREATE FUNCTION speak_up_facts(place uuid, first date, last date)
RETURNS TABLE (way text, worker_group text, seniority text, elements text[], state text, again text, detriment text[], n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.way, coalesce(f.worker_group, 'not_known'), coalesce(f.seniority, 'not_disclosed'), f.elements, f.state,
    coalesce(b.again, 'not_asked'), coalesce(b.detriment, '{}'), count(*)::int
  FROM org r JOIN org o ON o.path <@ r.path JOIN case_file f ON f.org_id = o.id
  LEFT JOIN LATERAL (
    SELECT max(answer) FILTER (WHERE question = 'again') AS again,
      array_agg(DISTINCT answer ORDER BY answer) FILTER (WHERE question <> 'again') AS detriment
    FROM case_feedback WHERE case_id = f.id) b ON true
  WHERE r.id = place AND f.stream = 'staff' AND f.received_on BETWEEN first AND last AND f.continues_id IS NULL
    AND acts_over(place, ARRAY['guardian', 'quality_lead']) AND NOT kept_from_me(f.id, f.excluded_roles)
  GROUP BY 1, 2, 3, 4, 5, 6, 7
$$;
-- Complaints that were handed on, counted by their codes.
CREATE FUNCTION complaint_facts(place uuid, first date, last date)
RETURNS TABLE (unit_id uuid, about jsonb, n integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT o.id, h.about, count(*)::int
  FROM org r JOIN org o ON o.path <@ r.path JOIN case_file f ON f.org_id = o.id JOIN hand_off h ON h.case_id = f.id
  WHERE r.id = place AND f.stream IN ('patient', 'carer') AND h.kind = 'complaint' AND h.state = 'sent'
    AND h.sent_on BETWEEN first AND last
    AND acts_over(place, ARRAY['administrator', 'pals', 'quality_lead']) AND NOT kept_from_me(f.id, f.excluded_roles)
  GROUP BY 1, 2
$$;

-- Numbers that people typed in. What was there before stays in the audit trail as a day and a name.
CREATE TABLE return_value (
  org_id uuid NOT NULL REFERENCES org,
  pack text NOT NULL,
  period date NOT NULL,                -- its first day
  field text NOT NULL,                 -- the code of a cell
  value integer NOT NULL CHECK (value BETWEEN 0 AND 10000000),
  by_account uuid NOT NULL REFERENCES account,
  on_day date NOT NULL DEFAULT current_date,
  PRIMARY KEY (org_id, pack, period, field)
);
-- Returns as they were sent. They are only added; a later one for the same period replaces an earlier one.
CREATE TABLE return_frozen (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES org,
  pack text NOT NULL,
  version text NOT NULL,
  counts text NOT NULL CHECK (counts IN ('speak_up', 'answers', 'complaints')),
  period date NOT NULL,
  until date NOT NULL,
  n integer NOT NULL DEFAULT 1,        -- the how manieth for this period
  numbers jsonb NOT NULL,
  units jsonb NOT NULL DEFAULT '[]',   -- the places that its lines stand for, as they were called
  hash bytea NOT NULL CHECK (length(hash) = 32),
  by_account uuid NOT NULL REFERENCES account,
  on_day date NOT NULL DEFAULT current_date,
  kept_from uuid[] NOT NULL DEFAULT '{}',        -- who must not know of a case that it counts
  kept_from_roles text[] NOT NULL DEFAULT '{}',
  UNIQUE (org_id, pack, period, n)
);
CREATE FUNCTION return_kept_from() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws('/', 'return', NEW.org_id, NEW.pack, NEW.period), 0));
  NEW.n := 1 + coalesce((SELECT max(n) FROM return_frozen
    WHERE org_id = NEW.org_id AND pack = NEW.pack AND period = NEW.period), 0);  -- also after one that is kept from me
  IF NEW.counts <> 'answers' THEN
    SELECT coalesce(array_agg(DISTINCT e.account_id) FILTER (WHERE e.account_id IS NOT NULL), '{}'),
      coalesce(array_agg(DISTINCT x.role) FILTER (WHERE x.role IS NOT NULL), '{}')
    INTO NEW.kept_from, NEW.kept_from_roles
    FROM org r JOIN org o ON o.path <@ r.path JOIN case_file f ON f.org_id = o.id
    LEFT JOIN case_exclusion e ON e.case_id = f.id LEFT JOIN LATERAL unnest(f.excluded_roles) x (role) ON true
    WHERE r.id = NEW.org_id AND (f.stream = 'staff') = (NEW.counts = 'speak_up') AND f.received_on <= NEW.until
      AND NOT kept_from_me(f.id, f.excluded_roles)
      AND (NEW.counts = 'complaints' OR f.received_on >= NEW.period);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER return_kept_from BEFORE INSERT ON return_frozen FOR EACH ROW EXECUTE FUNCTION return_kept_from();
CREATE FUNCTION acting_roles() RETURNS text[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(DISTINCT role), '{}') FROM role_grant WHERE account_id = acting_account()
$$;

REVOKE ALL ON FUNCTION acts_over(uuid, text[]), kept_from_me(uuid, text[]), speak_up_facts(uuid, date, date),
  complaint_facts(uuid, date, date), return_kept_from(), acting_roles() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION speak_up_facts(uuid, date, date), complaint_facts(uuid, date, date), acting_roles(),
  acts_over(uuid, text[]) TO earshot_console;
GRANT SELECT, INSERT, DELETE ON return_value TO earshot_console;
GRANT UPDATE (value, by_account, on_day) ON return_value TO earshot_console;
GRANT SELECT (id, org_id, pack, version, counts, period, until, n, numbers, units, hash, by_account, on_day) ON return_frozen
  TO earshot_console;
GRANT INSERT (org_id, pack, version, counts, period, until, numbers, units, hash, by_account) ON return_frozen
  TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON return_value, return_frozen TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['return_value', 'return_frozen'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
END $$;
CREATE POLICY scope ON return_value TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
-- Whoever must not know of a case must not learn of it from a number that counts it.
CREATE POLICY scope ON return_frozen FOR SELECT TO earshot_console USING (
  org_id = ANY ((SELECT visible_orgs())::uuid[])
  AND NOT coalesce(acting_account() = ANY (kept_from), cardinality(kept_from) > 0)
  AND NOT kept_from_roles && (SELECT acting_roles())
  AND (counts <> 'speak_up' OR acts_over(org_id, ARRAY['guardian', 'quality_lead']))
);
CREATE POLICY sent ON return_frozen FOR INSERT TO earshot_console WITH CHECK (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND by_account = acting_account()
);
