-- Speaking up: cases whose text only their handlers and the person who spoke can read.
--
-- What was written lies here sealed to a key of the case; that key is sealed to each handler and under the receipt. The
-- server holds none of those keys. In clear are only what the queue and the returns need: unit, day, state, risk.

ALTER TABLE role_grant DROP CONSTRAINT role_grant_role_check;
ALTER TABLE role_grant ADD CONSTRAINT role_grant_role_check
  CHECK (role IN ('administrator', 'guardian', 'pals', 'manager', 'quality_lead', 'analyst'));

-- Who handles cases, and of whom: set for one transaction, as the scope is.
CREATE FUNCTION visible_case_orgs() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(o.id), '{}')
  FROM org r JOIN org o ON o.path <@ r.path
  WHERE r.id = ANY (string_to_array(nullif(current_setting('earshot.case_scope', true), ''), ',')::uuid[])
$$;
CREATE FUNCTION visible_case_streams() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT string_to_array(nullif(current_setting('earshot.case_streams', true), ''), ',')
$$;
CREATE FUNCTION acting_account() RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT nullif(current_setting('earshot.account', true), '')::uuid
$$;

-- Key pairs of people who handle cases. The private half is made in their browser and leaves it only locked.
CREATE TABLE key_pair (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  public bytea NOT NULL UNIQUE CHECK (length(public) = 32),
  made_on date NOT NULL DEFAULT current_date,
  retired_on date
);
CREATE UNIQUE INDEX key_pair_one_at_a_time ON key_pair (account_id) WHERE retired_on IS NULL;
CREATE TABLE key_lock (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  pair_id uuid NOT NULL REFERENCES key_pair ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('passphrase', 'passkey')),
  credential_id bytea,                 -- of the passkey whose PRF opens this lock
  salt bytea NOT NULL CHECK (length(salt) >= 16),
  settings jsonb NOT NULL DEFAULT '{}',  -- of Argon2id: {"m": KiB, "t": passes, "p": lanes}
  sealed bytea NOT NULL,
  made_on date NOT NULL DEFAULT current_date,
  CHECK ((kind = 'passkey') = (credential_id IS NOT NULL))
);
CREATE INDEX key_lock_pair ON key_lock (pair_id);
-- Two people who, together, may open a case that nobody else can (optional, one couple for a provider).
CREATE TABLE escrow (
  org_id uuid PRIMARY KEY REFERENCES org,
  first_pair_id uuid NOT NULL REFERENCES key_pair,
  second_pair_id uuid NOT NULL REFERENCES key_pair,
  set_on date NOT NULL DEFAULT current_date,
  CHECK (first_pair_id <> second_pair_id)
);

CREATE TABLE case_file (
  id uuid PRIMARY KEY,                 -- drawn by the sender: every ciphertext is bound to it
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  way text NOT NULL CHECK (way IN ('open', 'confidential', 'anonymous')),
  reference text NOT NULL UNIQUE,      -- drawn at random, so that it tells no order
  received_on date NOT NULL DEFAULT current_date,
  public bytea NOT NULL CHECK (length(public) = 32),
  receipt_hash bytea NOT NULL UNIQUE,  -- of what the receipt's holder sends to find the case
  receipt_sealed bytea NOT NULL,       -- the case's private key, under the receipt
  content_hash bytea NOT NULL,         -- proof of filing
  once_hash bytea UNIQUE,              -- keyed hash of the sender's idempotency key
  sealed_by text NOT NULL DEFAULT 'browser' CHECK (sealed_by IN ('browser', 'server')),
  excluded_roles text[] NOT NULL DEFAULT '{}',
  -- what the worker heard; its words are sealed in case_text
  read_on date,
  risk boolean,
  risk_kinds text[] NOT NULL DEFAULT '{}',
  criticality smallint CHECK (criticality BETWEEN 0 AND 5),
  -- what people decided
  state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'open', 'closed')),
  version integer NOT NULL DEFAULT 1,
  owner_id uuid REFERENCES account,
  deputy_id uuid REFERENCES account,
  owned_on date,
  thanked_on date,
  triaged_on date,
  triaged_by uuid REFERENCES account,
  elements text[] NOT NULL DEFAULT '{}',
  worker_group text,
  seniority text,
  suggestion text CHECK (suggestion IN ('accepted', 'corrected')),
  same_as uuid REFERENCES case_file,   -- tells of the same event; people stay apart
  continues_id uuid REFERENCES case_file,  -- its receipt was lost, and this one goes on
  notes_public bytea CHECK (length(notes_public) = 32),
  closed_on date,
  outcome text,
  learning text,
  legal_hold boolean NOT NULL DEFAULT false
);
CREATE INDEX case_file_org ON case_file (org_id, stream, state);
CREATE INDEX case_file_owner ON case_file (owner_id) WHERE state <> 'closed';
-- Named people who must not see a case.
CREATE TABLE case_exclusion (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES account,
  PRIMARY KEY (case_id, account_id)
);
-- The private key of a case, or of its notes, sealed to one handler's key pair.
CREATE TABLE case_lock (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  pair_id uuid NOT NULL REFERENCES key_pair ON DELETE CASCADE,
  opens text NOT NULL CHECK (opens IN ('case', 'notes')),
  sealed bytea NOT NULL,
  PRIMARY KEY (case_id, pair_id, opens)
);
CREATE INDEX case_lock_pair ON case_lock (pair_id);
-- The same for the two people of the escrow: sealed to the first, and that sealed to the second.
CREATE TABLE case_escrow (
  case_id uuid PRIMARY KEY REFERENCES case_file ON DELETE CASCADE,
  first_pair_id uuid NOT NULL REFERENCES key_pair,
  second_pair_id uuid NOT NULL REFERENCES key_pair,
  sealed bytea NOT NULL
);
CREATE TABLE break_glass (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  asked_by uuid NOT NULL REFERENCES account,
  asked_on date NOT NULL DEFAULT current_date,
  reason text NOT NULL,                -- of the person who asks: never words of the case
  agreed_by uuid REFERENCES account,
  agreed_on date,
  inner_sealed bytea,                  -- what the second person took the outer layer from
  opened_on date,
  refused_on date,
  CHECK (agreed_by IS NULL OR agreed_by <> asked_by)
);
CREATE INDEX break_glass_case ON break_glass (case_id);
-- Everything that was written, in the order of the case; nobody sees an hour.
CREATE TABLE case_text (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  n integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('report', 'contact', 'reading', 'from_person', 'from_handler', 'note', 'hand_off',
    'action', 'outcome')),
  on_day date NOT NULL DEFAULT current_date,
  by_account uuid REFERENCES account,
  sealed bytea NOT NULL,
  once_hash bytea,                     -- keyed hash of the sender's word for "this message"
  PRIMARY KEY (case_id, n),
  UNIQUE (case_id, once_hash)
);
-- What happened to a case, in clear and without words of anybody.
CREATE TABLE case_step (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  n integer NOT NULL,
  kind text NOT NULL,
  on_day date NOT NULL DEFAULT current_date,
  by_account uuid REFERENCES account,
  PRIMARY KEY (case_id, n)
);
CREATE TABLE hand_off (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  kind text NOT NULL CHECK (kind IN ('pals', 'complaint', 'lfpse', 'safeguarding')),
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'sent', 'withdrawn')),
  text_n integer NOT NULL,             -- the draft, in case_text
  due_on date,
  made_on date NOT NULL DEFAULT current_date,
  sent_on date,
  sent_by uuid REFERENCES account,
  about jsonb NOT NULL DEFAULT '{}'    -- codes that returns count: subject, age band, status; never words
);
CREATE INDEX hand_off_case ON hand_off (case_id);
CREATE TABLE case_action (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  text_n integer NOT NULL,
  made_on date NOT NULL DEFAULT current_date,
  due_on date,
  done_on date
);
CREATE INDEX case_action_case ON case_action (case_id);
-- "Given your experience, would you speak up again?", and whether they were treated worse for it.
CREATE TABLE case_feedback (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  question text NOT NULL CHECK (question IN ('again', 'detriment_30', 'detriment_90', 'detriment_180')),
  answer text NOT NULL CHECK (answer IN ('yes', 'no', 'maybe', 'dont_know')),
  on_day date NOT NULL DEFAULT current_date,
  PRIMARY KEY (case_id, question)
);
-- How far each handler has read in a case, and the day they were last given its reading in the queue.
CREATE TABLE case_seen (
  case_id uuid NOT NULL REFERENCES case_file ON DELETE CASCADE,
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  text_n integer NOT NULL DEFAULT 0,
  given_on date,
  PRIMARY KEY (case_id, account_id)
);
-- The worker's own way to read a report, once: destroyed as soon as it was read, its key a day later.
CREATE TABLE vault.case_wrap (
  case_id uuid PRIMARY KEY REFERENCES public.case_file ON DELETE CASCADE,
  key_id text NOT NULL,
  sealed bytea NOT NULL
);

-- Whom a report about an organisation is sealed to: handlers with a key, of this place or above.
CREATE FUNCTION handlers_of(place uuid, speaker text)
RETURNS TABLE (account_id uuid, name text, role text, pair_id uuid, public bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (a.id) a.id, a.name, g.role, k.id, k.public
  FROM org o JOIN org above ON above.path @> o.path
  JOIN role_grant g ON g.org_id = above.id
  JOIN account a ON a.id = g.account_id AND a.disabled_on IS NULL
  JOIN key_pair k ON k.account_id = a.id AND k.retired_on IS NULL
  WHERE o.id = place AND (g.role = 'guardian' OR (g.role = 'pals' AND speaker IN ('patient', 'carer')))
  ORDER BY a.id, g.role
$$;
CREATE FUNCTION escrow_of(place uuid)
RETURNS TABLE (first_pair_id uuid, first_public bytea, second_pair_id uuid, second_public bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT e.first_pair_id, a.public, e.second_pair_id, b.public
  FROM org o JOIN org above ON above.path @> o.path JOIN escrow e ON e.org_id = above.id
  JOIN key_pair a ON a.id = e.first_pair_id JOIN key_pair b ON b.id = e.second_pair_id
  WHERE o.id = place ORDER BY nlevel(above.path) DESC LIMIT 1
$$;
REVOKE ALL ON FUNCTION handlers_of(uuid, text), escrow_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION handlers_of(uuid, text), escrow_of(uuid) TO earshot_public, earshot_console, earshot_worker;

-- Names of the people in a case, for whoever holds its receipt: who read it, who wrote.
CREATE FUNCTION people_of_case() RETURNS TABLE (account_id uuid, name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT ON (a.id) a.id, a.name, g.role
  FROM case_file f JOIN org o ON o.id = f.org_id
  JOIN (SELECT case_id, by_account FROM case_text UNION SELECT case_id, by_account FROM case_step) said ON said.case_id = f.id
  JOIN account a ON a.id = said.by_account
  LEFT JOIN org above ON above.path @> o.path
  LEFT JOIN role_grant g ON g.account_id = a.id AND g.org_id = above.id AND g.role IN ('guardian', 'pals')
  WHERE f.receipt_hash = decode(nullif(current_setting('earshot.receipt', true), ''), 'hex')
  ORDER BY a.id, g.role
$$;
-- The last number of a case's texts or steps, most of which the receipt's holder may not see.
CREATE FUNCTION last_of_case(file uuid) RETURNS TABLE (texts integer, steps integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce((SELECT max(n) FROM case_text WHERE case_id = file), 0),
         coalesce((SELECT max(n) FROM case_step WHERE case_id = file), 0)
$$;
REVOKE ALL ON FUNCTION people_of_case(), last_of_case(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION people_of_case(), last_of_case(uuid) TO earshot_public;
-- What slows the guessing of receipts down: keyed hashes of networks, erased each day.
GRANT SELECT, INSERT, UPDATE, DELETE ON bucket TO earshot_public;

-- The public door files a case, and finds one only by its receipt.
GRANT INSERT ON case_file, case_exclusion, case_lock, case_escrow, case_text, case_step, case_feedback, vault.case_wrap
  TO earshot_public;
GRANT SELECT (id, org_id, stream, way, reference, received_on, public, receipt_hash, receipt_sealed, content_hash, once_hash,
  sealed_by, read_on, state, version, thanked_on, triaged_on, closed_on, outcome, learning, continues_id) ON case_file TO earshot_public;
GRANT UPDATE (version) ON case_file TO earshot_public;
GRANT SELECT ON case_text, case_step, case_feedback, hand_off TO earshot_public;
GRANT UPDATE (answer, on_day) ON case_feedback TO earshot_public;

GRANT SELECT ON key_pair, key_lock, escrow, case_file, case_exclusion, case_lock, case_escrow, break_glass, case_text, case_step,
  hand_off, case_action, case_feedback TO earshot_console;
GRANT INSERT ON key_pair, key_lock, escrow, case_exclusion, case_lock, case_escrow, break_glass, case_text, case_step, hand_off,
  case_action TO earshot_console;
GRANT UPDATE (retired_on) ON key_pair TO earshot_console;
GRANT DELETE ON key_lock, case_lock, escrow TO earshot_console;
GRANT UPDATE ON escrow, break_glass, hand_off, case_action TO earshot_console;
GRANT UPDATE (way, state, version, owner_id, deputy_id, owned_on, thanked_on, triaged_on, triaged_by, elements, worker_group,
  seniority, suggestion, same_as, continues_id, notes_public, closed_on, outcome, learning) ON case_file TO earshot_console;

GRANT SELECT, INSERT, UPDATE, DELETE ON key_pair, key_lock, escrow, case_file, case_exclusion, case_lock, case_escrow,
  break_glass, case_text, case_step, hand_off, case_action, case_feedback, vault.case_wrap TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['key_pair', 'key_lock', 'escrow', 'case_file', 'case_exclusion', 'case_lock', 'case_escrow',
    'break_glass', 'case_text', 'case_step', 'hand_off', 'case_action', 'case_feedback', 'vault.case_wrap'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    -- the functions above run as the owner, and a dump is made by the owner
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
  -- Whoever may see a case may see what belongs to it; whoever holds its receipt sees the part that is theirs.
  FOREACH t IN ARRAY ARRAY['case_exclusion', 'case_lock', 'case_escrow', 'break_glass', 'case_text', 'case_step', 'hand_off',
    'case_action', 'case_feedback'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (EXISTS (SELECT FROM case_file f WHERE f.id = case_id))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['case_step', 'hand_off'] LOOP
    EXECUTE format('CREATE POLICY receipt ON %s FOR SELECT TO earshot_public USING (EXISTS (SELECT FROM case_file f WHERE f.id = case_id))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['case_feedback'] LOOP
    EXECUTE format('CREATE POLICY receipt ON %s TO earshot_public USING (EXISTS (SELECT FROM case_file f WHERE f.id = case_id))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['case_file', 'case_exclusion', 'case_lock', 'case_escrow', 'case_feedback', 'vault.case_wrap'] LOOP
    EXECUTE format('CREATE POLICY anyone_may_speak_up ON %s FOR INSERT TO earshot_public WITH CHECK (true)', t);
  END LOOP;
END $$;
CREATE POLICY anyone_may_speak_up ON case_text FOR INSERT TO earshot_public
  WITH CHECK (kind IN ('report', 'contact', 'from_person') AND by_account IS NULL);
CREATE POLICY anyone_may_speak_up ON case_step FOR INSERT TO earshot_public
  WITH CHECK (kind IN ('filed', 'from_person', 'feedback') AND by_account IS NULL);
CREATE FUNCTION excluded_from(file uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM case_exclusion e WHERE e.case_id = file AND e.account_id = acting_account())
$$;
CREATE POLICY scope ON case_file TO earshot_console USING (
  org_id = ANY ((SELECT visible_case_orgs())::uuid[]) AND stream = ANY ((SELECT visible_case_streams())::text[])
  AND NOT excluded_roles && string_to_array(coalesce(current_setting('earshot.case_roles', true), ''), ',')
  AND NOT excluded_from(id)
);
CREATE POLICY receipt ON case_file TO earshot_public USING (
  receipt_hash = decode(nullif(current_setting('earshot.receipt', true), ''), 'hex')
  OR once_hash = decode(nullif(current_setting('earshot.once', true), ''), 'hex')
);
CREATE POLICY receipt ON case_text FOR SELECT TO earshot_public USING (
  kind IN ('report', 'contact', 'from_person', 'from_handler', 'outcome') AND EXISTS (SELECT FROM case_file f WHERE f.id = case_id)
);
-- Public halves are public; a lock is for its owner alone.
CREATE POLICY anyone_signed_in ON key_pair FOR SELECT TO earshot_console USING (acting_account() IS NOT NULL);
CREATE POLICY own ON key_pair FOR INSERT TO earshot_console WITH CHECK (account_id = acting_account());
CREATE POLICY own_changes ON key_pair FOR UPDATE TO earshot_console USING (account_id = acting_account());
CREATE POLICY own ON key_lock TO earshot_console
  USING (EXISTS (SELECT FROM key_pair k WHERE k.id = pair_id AND k.account_id = acting_account()));
CREATE POLICY scope ON escrow TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));

-- How far one has read is for oneself.
ALTER TABLE case_seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_seen FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON case_seen TO earshot_worker USING (true) WITH CHECK (true);
CREATE POLICY owner_reads ON case_seen FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY own ON case_seen TO earshot_console
  USING (account_id = acting_account() AND EXISTS (SELECT FROM case_file f WHERE f.id = case_id));
GRANT SELECT, INSERT, UPDATE ON case_seen TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON case_seen TO earshot_worker;

-- Breaking the glass. The two people need not handle cases: they see what they were asked, leave their marks, and only
-- the first sees the case, for a week, once the second has agreed. Whom the case excludes has no part in it.
CREATE FUNCTION escrow_part(file uuid) RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT CASE acting_account() WHEN a.account_id THEN 'first' WHEN b.account_id THEN 'second' END
  FROM case_escrow e JOIN case_file f ON f.id = e.case_id
  JOIN key_pair a ON a.id = e.first_pair_id JOIN key_pair b ON b.id = e.second_pair_id
  WHERE e.case_id = file AND acting_account() IN (a.account_id, b.account_id) AND NOT excluded_from(file)
    AND NOT EXISTS (SELECT FROM role_grant g WHERE g.account_id = acting_account() AND g.role = ANY (f.excluded_roles))
$$;
CREATE FUNCTION escrowed_case(wanted text) RETURNS uuid LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.id FROM case_file f WHERE f.reference = upper(wanted) AND escrow_part(f.id) = 'first'
$$;
CREATE FUNCTION glass_case(file uuid)
RETURNS TABLE (reference text, org_id uuid, org_name text, part text, pair_id uuid, outer_sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT f.reference, f.org_id, o.name, p.part, CASE p.part WHEN 'first' THEN e.first_pair_id ELSE e.second_pair_id END,
    CASE p.part WHEN 'second' THEN e.sealed END
  FROM case_file f JOIN org o ON o.id = f.org_id JOIN case_escrow e ON e.case_id = f.id, LATERAL escrow_part(f.id) p (part)
  WHERE f.id = file AND p.part IS NOT NULL
$$;
CREATE FUNCTION glass_opened() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(b.case_id), '{}') FROM break_glass b
  WHERE b.asked_by = acting_account() AND b.agreed_on > current_date - 7 AND b.refused_on IS NULL
    AND escrow_part(b.case_id) = 'first'
$$;
CREATE FUNCTION holds_escrow() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM case_escrow e JOIN key_pair k ON k.id = e.first_pair_id WHERE k.account_id = acting_account())
$$;
REVOKE ALL ON FUNCTION escrow_part(uuid), escrowed_case(text), glass_case(uuid), glass_opened(), holds_escrow()
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION escrow_part(uuid), escrowed_case(text), glass_case(uuid), glass_opened(), holds_escrow()
  TO earshot_console;
GRANT EXECUTE ON FUNCTION last_of_case(uuid) TO earshot_console, earshot_worker;
CREATE POLICY glass ON case_file FOR SELECT TO earshot_console USING (id = ANY ((SELECT glass_opened())::uuid[]));
DROP POLICY scope ON break_glass;
CREATE POLICY scope ON break_glass FOR SELECT TO earshot_console USING (EXISTS (SELECT FROM case_file f WHERE f.id = case_id));
CREATE POLICY couple ON break_glass TO earshot_console USING (escrow_part(case_id) IS NOT NULL);
CREATE POLICY marks ON case_step FOR INSERT TO earshot_console
  WITH CHECK (kind LIKE 'break\_glass\_%' AND escrow_part(case_id) IS NOT NULL);

-- Whose account is closed loses every key, unless a case could then be opened by nobody.
CREATE FUNCTION cases_only_for(person uuid) RETURNS integer LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(DISTINCT l.case_id)::integer FROM case_lock l JOIN key_pair k ON k.id = l.pair_id
  WHERE k.account_id = person AND l.opens = 'case'
    AND NOT EXISTS (SELECT FROM case_lock o JOIN key_pair p ON p.id = o.pair_id
      JOIN account a ON a.id = p.account_id AND a.disabled_on IS NULL
      WHERE o.case_id = l.case_id AND o.opens = 'case' AND p.account_id <> person)
    AND NOT EXISTS (SELECT FROM case_escrow e JOIN key_pair p ON p.id IN (e.first_pair_id, e.second_pair_id)
      JOIN account a ON a.id = p.account_id AND a.disabled_on IS NULL
      WHERE e.case_id = l.case_id AND p.account_id <> person HAVING count(*) = 2)
$$;
CREATE FUNCTION take_keys_away() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF cases_only_for(NEW.id) > 0 THEN
    RAISE EXCEPTION 'cases would be left without a key' USING ERRCODE = 'restrict_violation';
  END IF;
  DELETE FROM case_lock WHERE pair_id IN (SELECT id FROM key_pair WHERE account_id = NEW.id);
  DELETE FROM key_lock WHERE pair_id IN (SELECT id FROM key_pair WHERE account_id = NEW.id);
  DELETE FROM escrow e USING key_pair k WHERE k.id IN (e.first_pair_id, e.second_pair_id) AND k.account_id = NEW.id;
  UPDATE key_pair SET retired_on = current_date WHERE account_id = NEW.id AND retired_on IS NULL;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION cases_only_for(uuid), take_keys_away() FROM PUBLIC;
CREATE TRIGGER take_keys_away BEFORE UPDATE OF disabled_on ON account
  FOR EACH ROW WHEN (OLD.disabled_on IS NULL AND NEW.disabled_on IS NOT NULL) EXECUTE FUNCTION take_keys_away();
CREATE POLICY owner_takes_away ON case_lock FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_takes_away ON key_lock FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_takes_away ON escrow FOR DELETE TO CURRENT_USER USING (true);
CREATE POLICY owner_retires ON key_pair FOR UPDATE TO CURRENT_USER USING (true);
