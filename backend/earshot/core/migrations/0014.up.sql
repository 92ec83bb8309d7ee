-- Improvement: changes, cycles, verdicts, praise and what worked.

CREATE TABLE improvement_action (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL CHECK (streams <@ '{patient,carer,staff}' AND streams <> '{}'),  -- whose words it answers
  title text NOT NULL CHECK (title <> ''),
  what_we_heard text NOT NULL,
  what_we_did text NOT NULL DEFAULT '',
  state text NOT NULL DEFAULT 'planned' CHECK (state IN ('planned', 'under_way', 'finished', 'stopped')),
  owner_id uuid REFERENCES account,
  due_on date,
  started_on date,
  closed_on date,
  themes text[] NOT NULL DEFAULT '{}',
  measure_id text,                     -- as the measures' pages name it
  wanted text CHECK (wanted IN ('lower', 'higher')),
  risk_reference text NOT NULL DEFAULT '',
  risk_address text NOT NULL DEFAULT '' CHECK (risk_address = '' OR risk_address LIKE 'https://%'),
  version integer NOT NULL DEFAULT 1,
  made_by uuid NOT NULL REFERENCES account,
  made_on date NOT NULL DEFAULT current_date,
  CHECK ((measure_id IS NULL) = (wanted IS NULL)),
  CHECK (state NOT IN ('under_way', 'finished') OR started_on IS NOT NULL),
  CHECK ((state IN ('finished', 'stopped')) = (closed_on IS NOT NULL))
);
CREATE INDEX improvement_action_org ON improvement_action (org_id, state);
CREATE TABLE improvement_signal (
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  signal_id uuid NOT NULL REFERENCES signal ON DELETE CASCADE,
  PRIMARY KEY (action_id, signal_id)
);
CREATE INDEX improvement_signal_signal ON improvement_signal (signal_id);
-- Plan, do, study, act: one small test of the change after another.
CREATE TABLE improvement_cycle (
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  n integer NOT NULL,
  started_on date NOT NULL,
  ended_on date,
  plan text NOT NULL,
  did text NOT NULL DEFAULT '',
  studied text NOT NULL DEFAULT '',
  acted text CHECK (acted IN ('adopt', 'adapt', 'abandon')),
  by_id uuid NOT NULL REFERENCES account,
  PRIMARY KEY (action_id, n),
  CHECK (ended_on IS NULL OR ended_on >= started_on)
);
-- Days from which people say that the chart begins anew.
CREATE TABLE improvement_rebase (
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  on_day date NOT NULL,
  reason text NOT NULL CHECK (reason <> ''),
  by_id uuid NOT NULL REFERENCES account,
  said_on date NOT NULL DEFAULT current_date,
  taken_back_on date,
  PRIMARY KEY (action_id, on_day)
);
-- Who was involved: groups of people and how, never who.
CREATE TABLE improvement_involved (
  id uuid PRIMARY KEY,
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  on_day date NOT NULL,
  who text NOT NULL CHECK (who IN ('patients', 'carers', 'public', 'voluntary_sector', 'nursing', 'medical', 'allied_health',
    'administrative', 'estates', 'students', 'other_staff')),
  people integer CHECK (people BETWEEN 1 AND 10000),
  how text NOT NULL CHECK (how IN ('informed', 'consulted', 'involved', 'co_designed', 'led')),
  note text NOT NULL DEFAULT '',
  by_id uuid NOT NULL REFERENCES account
);
CREATE INDEX improvement_involved_action ON improvement_involved (action_id);
-- The looks at the series: written once, whatever comes later.
CREATE TABLE improvement_look (
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  weeks integer NOT NULL CHECK (weeks IN (4, 8, 12)),
  state text NOT NULL CHECK (state IN ('unproven', 'improved', 'worse')),
  sentence text NOT NULL,
  figures jsonb NOT NULL,
  looked_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (action_id, weeks)
);
-- What became of a change, append-only.
CREATE TABLE improvement_event (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  action_id uuid NOT NULL REFERENCES improvement_action ON DELETE CASCADE,
  at timestamptz NOT NULL DEFAULT now(),
  what text NOT NULL CHECK (what IN ('made', 'changed', 'begun', 'finished', 'stopped', 'undone', 'cycle', 'rebased',
    'unrebased', 'involved', 'judged', 'shared')),
  by_id uuid REFERENCES account,       -- nobody: Earshot itself
  note text NOT NULL DEFAULT '',
  was jsonb NOT NULL DEFAULT '{}'      -- before a closing: enough to take it back
);
CREATE INDEX improvement_event_action ON improvement_event (action_id, id);

-- Praise, and the team that it is for: where it was said, or the team below that it names.
CREATE TABLE praise (
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  said_on date NOT NULL,
  named boolean NOT NULL DEFAULT false,  -- said about a place above; the team may not read the comment itself
  words text NOT NULL DEFAULT '',      -- then: the de-identified sentence that names it, where enough people spoke there
  collected_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (comment_id, org_id)
);
CREATE INDEX praise_org ON praise (org_id, said_on);

-- What worked, as text that people wrote; it belongs to a provider and holds no comment.
CREATE TABLE library_entry (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  source text NOT NULL,                -- the organisation where it worked
  title text NOT NULL CHECK (title <> ''),
  what_we_heard text NOT NULL,
  what_we_did text NOT NULL,
  themes text[] NOT NULL DEFAULT '{}',
  measure text NOT NULL,
  result text NOT NULL,
  weeks integer NOT NULL,
  finished_on date,
  imported boolean NOT NULL DEFAULT false,
  action_id uuid UNIQUE REFERENCES improvement_action ON DELETE SET NULL,
  added_by uuid REFERENCES account,
  added_on date NOT NULL DEFAULT current_date,
  content_hash bytea NOT NULL CHECK (length(content_hash) = 32),
  vector halfvec(384),                 -- none until the worker has taken names out and read it
  UNIQUE (org_id, content_hash)
);
-- How closely an organisation is watched, by a pack of levels; only added to, so that the history stays.
CREATE TABLE assurance (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  pack text NOT NULL,
  level text NOT NULL,
  reasons text NOT NULL CHECK (reasons <> ''),
  review_on date,
  set_by uuid REFERENCES account,
  set_on date NOT NULL DEFAULT current_date
);
CREATE INDEX assurance_org ON assurance (org_id, id);

-- Who can own a change at a place: people with a role there or above it that may make changes.
CREATE FUNCTION improvers_of(place uuid) RETURNS TABLE (account_id uuid, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT a.id, a.name
  FROM org o JOIN org above ON above.path @> o.path
  JOIN role_grant g ON g.org_id = above.id AND g.role IN ('guardian', 'pals', 'manager', 'quality_lead')
  JOIN account a ON a.id = g.account_id AND a.disabled_on IS NULL
  WHERE o.id = place AND (o.id = ANY (visible_orgs()) OR nullif(current_setting('earshot.scope', true), '') IS NULL)
  ORDER BY a.name, a.id
$$;
REVOKE ALL ON FUNCTION improvers_of(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION improvers_of(uuid) TO earshot_console, earshot_worker;

GRANT SELECT ON improvement_action, improvement_signal, improvement_cycle, improvement_rebase, improvement_involved,
  improvement_look, improvement_event, praise, library_entry, assurance TO earshot_console;
GRANT INSERT ON improvement_action, improvement_signal, improvement_cycle, improvement_rebase, improvement_involved,
  improvement_event, library_entry, assurance TO earshot_console;
GRANT UPDATE (title, what_we_heard, what_we_did, state, owner_id, due_on, started_on, closed_on, themes, measure_id, wanted,
  risk_reference, risk_address, version) ON improvement_action TO earshot_console;
GRANT UPDATE (started_on, ended_on, plan, did, studied, acted) ON improvement_cycle TO earshot_console;
GRANT UPDATE (reason, by_id, said_on, taken_back_on) ON improvement_rebase TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON improvement_action, improvement_signal, improvement_cycle, improvement_rebase,
  improvement_involved, improvement_look, improvement_event, praise, library_entry, assurance TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['improvement_action', 'improvement_signal', 'improvement_cycle', 'improvement_rebase',
    'improvement_involved', 'improvement_look', 'improvement_event', 'praise', 'library_entry', 'assurance'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
  -- What belongs to a change is seen with it.
  FOREACH t IN ARRAY ARRAY['improvement_signal', 'improvement_cycle', 'improvement_rebase', 'improvement_involved',
    'improvement_look', 'improvement_event'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console'
      ' USING (EXISTS (SELECT FROM improvement_action a WHERE a.id = action_id))', t);
  END LOOP;
END $$;
CREATE POLICY scope ON improvement_action TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])
  AND streams <@ (SELECT visible_streams())::text[]);
CREATE POLICY scope ON praise TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])
  AND stream = ANY ((SELECT visible_streams())::text[]));
-- A ward may read what worked anywhere in its trust, add to it, and know how closely the trust is watched.
CREATE POLICY sight ON library_entry FOR SELECT TO earshot_console
  USING (org_id IN (SELECT p.id FROM visible_providers(NULL) p));
CREATE POLICY adds ON library_entry FOR INSERT TO earshot_console
  WITH CHECK (org_id IN (SELECT p.id FROM visible_providers(NULL) p) AND added_by = acting_account());
CREATE POLICY scope ON assurance TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
