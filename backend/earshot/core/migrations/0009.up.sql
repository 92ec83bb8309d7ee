-- The audit trail, how long things are kept, and what was erased.

CREATE POLICY owner_reads_grants ON role_grant FOR SELECT TO CURRENT_USER USING (true);  -- for functions of the owner

-- The provider that a place belongs to: who reads the trail of a case must not learn its ward.
CREATE FUNCTION provider_of(place uuid) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(
    (SELECT p.id FROM org o JOIN org p ON p.path @> o.path AND p.level = 'provider' WHERE o.id = place
     ORDER BY nlevel(p.path) DESC LIMIT 1), place)
$$;

-- Who did what to what, on which day; no hour, no address, no words. Each line carries the hash of the one before it.
CREATE TABLE audit_line (
  n bigint PRIMARY KEY,
  on_day date NOT NULL,
  action text NOT NULL CHECK (action ~ '^[a-z_]+(\.[a-z_]+)+$'),
  by_account uuid,                     -- nobody: Earshot itself, or somebody who did not get in
  by_roles text NOT NULL DEFAULT '',   -- what that person was on that day
  subject uuid,
  org_id uuid REFERENCES org,
  previous bytea NOT NULL CHECK (length(previous) = 32),
  hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32)
);
CREATE INDEX audit_line_org ON audit_line (org_id, n DESC);
CREATE INDEX audit_line_subject ON audit_line (subject);
-- Lines of transactions that have not ended: empty for everybody else. Chained at the commit, so that the one lock that
-- keeps the chain single is held for the commit alone, when no other lock is still wanted: no deadlock, no long wait.
CREATE UNLOGGED TABLE audit_pending (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action text NOT NULL,
  by_account uuid,
  by_roles text NOT NULL,
  subject uuid,
  org_id uuid
);

CREATE FUNCTION audit_fields(n bigint, on_day date, action text, by_account uuid, by_roles text, subject uuid, org_id uuid)
RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
  SELECT convert_to(concat_ws('|', n, to_char(on_day, 'YYYY-MM-DD'), action, coalesce(by_account::text, ''), by_roles,
    coalesce(subject::text, ''), coalesce(org_id::text, '')), 'UTF8')
$$;
CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  last record;
  day date := current_date;
BEGIN
  PERFORM pg_advisory_xact_lock(7239120419);
  SELECT n, hash INTO last FROM audit_line ORDER BY n DESC LIMIT 1;
  last.n := coalesce(last.n, 0) + 1;
  last.hash := coalesce(last.hash, decode(repeat('00', 32), 'hex'));
  INSERT INTO audit_line (n, on_day, action, by_account, by_roles, subject, org_id, previous, hash) VALUES (
    last.n, day, NEW.action, NEW.by_account, NEW.by_roles, NEW.subject, NEW.org_id, last.hash,
    sha256(last.hash || audit_fields(last.n, day, NEW.action, NEW.by_account, NEW.by_roles, NEW.subject, NEW.org_id)));
  DELETE FROM audit_pending WHERE id = NEW.id;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_pending DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- The one way to write a line. Where no place is given it is the provider of the case, or where the person belongs.
CREATE FUNCTION audit_record(what text, who uuid, whom uuid, place uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_pending (action, by_account, by_roles, subject, org_id) VALUES (what, who,
    coalesce((SELECT string_agg(DISTINCT role, ',' ORDER BY role) FROM role_grant WHERE account_id = who), ''), whom,
    coalesce((SELECT provider_of(f.org_id) FROM case_file f WHERE f.id = whom), place,
      (SELECT g.org_id FROM role_grant g JOIN org o ON o.id = g.org_id WHERE g.account_id = coalesce(who, whom)
       ORDER BY nlevel(o.path), o.path LIMIT 1)))
$$;

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit trail is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_line
  FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();

-- On which days a case was read, and by whom in one word: for the person it is about, who holds its receipt, and its handlers.
CREATE FUNCTION audit_readers(file uuid) RETURNS TABLE (on_day date, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT l.on_day, CASE WHEN 'guardian' = ANY (string_to_array(l.by_roles, ',')) THEN 'guardian'
    WHEN 'pals' = ANY (string_to_array(l.by_roles, ',')) THEN 'pals' ELSE 'other' END
  FROM audit_line l JOIN case_file f ON f.id = l.subject
  WHERE f.id = file AND l.action IN ('case.read', 'break_glass.open') AND (
    f.receipt_hash = decode(nullif(current_setting('earshot.receipt', true), ''), 'hex')
    OR (f.org_id = ANY (visible_case_orgs()) AND f.stream = ANY (visible_case_streams()) AND NOT excluded_from(f.id)))
  ORDER BY 1, 2
$$;

-- How long an organisation keeps what; where it set nothing, the schedule that comes with Earshot counts.
CREATE TABLE retention_rule (
  org_id uuid NOT NULL REFERENCES org,
  kind text NOT NULL,
  days integer NOT NULL CHECK (days BETWEEN 1 AND 36525),
  set_by uuid REFERENCES account,
  set_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (org_id, kind)
);
-- Nothing below this place is removed while the hold lasts.
CREATE TABLE retention_hold (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES org,
  reason text NOT NULL CHECK (reason IN ('claim', 'inquest', 'police', 'inquiry', 'complaint', 'access_request')),
  set_by uuid REFERENCES account,
  set_on date NOT NULL DEFAULT current_date,
  lifted_by uuid REFERENCES account,
  lifted_on date
);
CREATE INDEX retention_hold_org ON retention_hold (org_id) WHERE lifted_on IS NULL;
-- That something was here and is gone: its id and its kind, and nothing that it said.
CREATE TABLE erasure (
  subject uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('case', 'response')),
  why text NOT NULL CHECK (why IN ('asked', 'retention')),
  by_account uuid REFERENCES account,
  org_id uuid NOT NULL REFERENCES org,
  on_day date NOT NULL DEFAULT current_date
);
CREATE INDEX erasure_org ON erasure (org_id, on_day);
-- Whether somebody ordered that nothing of this place be removed.
CREATE FUNCTION held_back(place uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM org o JOIN org above ON above.path @> o.path
    JOIN retention_hold h ON h.org_id = above.id AND h.lifted_on IS NULL WHERE o.id = place)
$$;

-- How many days a place keeps something: the nearest rule above it, or the schedule's own.
CREATE FUNCTION kept_days(place uuid, what text, otherwise integer) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT r.days FROM org o JOIN org above ON above.path @> o.path
    JOIN retention_rule r ON r.org_id = above.id AND r.kind = what WHERE o.id = place
    ORDER BY nlevel(above.path) DESC LIMIT 1), otherwise)
$$;
-- What the next night will remove, as counted last; cases are counted for the whole provider, never for a ward.
CREATE TABLE retention_plan (
  org_id uuid NOT NULL REFERENCES org ON DELETE CASCADE,
  kind text NOT NULL,
  due integer NOT NULL,
  held integer NOT NULL,
  next_on date,
  counted_on date NOT NULL,
  PRIMARY KEY (org_id, kind)
);

REVOKE ALL ON FUNCTION audit_record(text, uuid, uuid, uuid), audit_readers(uuid), audit_chain(), provider_of(uuid),
  held_back(uuid), kept_days(uuid, text, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_record(text, uuid, uuid, uuid), audit_readers(uuid)
  TO earshot_public, earshot_console, earshot_worker;
GRANT EXECUTE ON FUNCTION provider_of(uuid), held_back(uuid), kept_days(uuid, text, integer) TO earshot_console, earshot_worker;
REVOKE ALL ON audit_pending FROM PUBLIC;
GRANT SELECT ON audit_line, retention_rule, retention_hold, retention_plan, erasure TO earshot_console,
  earshot_worker;
GRANT INSERT ON retention_rule, retention_hold TO earshot_console;
GRANT UPDATE (days, set_by, set_on) ON retention_rule TO earshot_console;
GRANT DELETE ON retention_rule TO earshot_console;
GRANT UPDATE (lifted_by, lifted_on) ON retention_hold TO earshot_console;
GRANT UPDATE (legal_hold) ON case_file TO earshot_console;
GRANT INSERT ON erasure TO earshot_worker;
GRANT INSERT, DELETE ON retention_plan TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['audit_line', 'audit_pending', 'retention_rule', 'retention_hold', 'retention_plan', 'erasure'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['audit_line', 'audit_pending'] LOOP  -- by the functions above
    EXECUTE format('CREATE POLICY owner_writes ON %s FOR INSERT TO %I WITH CHECK (true)', t, current_user);
  END LOOP;
  EXECUTE format('CREATE POLICY owner_chains ON audit_pending FOR DELETE TO %I USING (true)', current_user);
  FOREACH t IN ARRAY ARRAY['retention_rule', 'retention_hold', 'retention_plan', 'erasure'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]))', t);
  END LOOP;
END $$;
-- Own subtree; what happened at no known place is for whoever looks after everything. Whom a case excludes sees no trail of it.
CREATE POLICY scope ON audit_line FOR SELECT TO earshot_console USING (
  (org_id = ANY ((SELECT visible_orgs())::uuid[])
    OR (org_id IS NULL AND EXISTS (SELECT FROM org WHERE parent_id IS NULL AND id = ANY ((SELECT visible_orgs())::uuid[]))))
  AND NOT (subject IS NOT NULL AND excluded_from(subject))
);
