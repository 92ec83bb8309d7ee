CREATE EXTENSION IF NOT EXISTS vector;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS ltree;
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS btree_gin;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO earshot_public, earshot_console, earshot_worker;
CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA vault TO earshot_public, earshot_worker;  -- the console has no way in

-- Organisations: codes are never used again, closed ones stay, successors are kept.
CREATE TABLE org (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  parent_id uuid REFERENCES org,
  path ltree NOT NULL UNIQUE,
  level text NOT NULL CHECK (level IN ('nation', 'region', 'icb', 'provider', 'site', 'service', 'team')),
  code text NOT NULL UNIQUE,
  ods_code text UNIQUE,
  name text NOT NULL CHECK (name <> ''),
  setting text,
  invented boolean NOT NULL DEFAULT false,
  opened_on date,
  closed_on date,
  successor_id uuid REFERENCES org,
  import_id uuid
);
CREATE INDEX org_path ON org USING gist (path);
CREATE INDEX org_parent ON org (parent_id);

-- The one rule of visibility: the subtrees that this transaction was given. No scope, no rows.
CREATE FUNCTION visible_orgs() RETURNS uuid[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(o.id), '{}')
  FROM org r JOIN org o ON o.path <@ r.path
  WHERE r.id = ANY (string_to_array(nullif(current_setting('earshot.scope', true), ''), ',')::uuid[])
$$;
CREATE FUNCTION visible_streams() RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT string_to_array(nullif(current_setting('earshot.streams', true), ''), ',')
$$;

-- People who sign in.
CREATE TABLE account (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  name text NOT NULL,
  password_hash text NOT NULL,
  created_on date NOT NULL DEFAULT current_date,
  disabled_on date
);
CREATE TABLE role_grant (
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  role text NOT NULL CHECK (role IN ('administrator', 'guardian', 'manager', 'quality_lead', 'analyst')),
  org_id uuid NOT NULL REFERENCES org,
  PRIMARY KEY (account_id, role, org_id)
);
CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX session_account ON session (account_id);
-- Attempts to sign in, kept under a keyed hash of the address typed, to slow guessing down.
CREATE UNLOGGED TABLE bucket (
  key bytea PRIMARY KEY,
  tokens double precision NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Links that people open to say something.
CREATE TABLE form_link (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  token text NOT NULL UNIQUE,
  org_id uuid NOT NULL REFERENCES org,
  audience text NOT NULL CHECK (audience IN ('patient', 'carer', 'staff')),
  label text NOT NULL,
  created_on date NOT NULL DEFAULT current_date,
  expires_on date
);
CREATE INDEX form_link_org ON form_link (org_id);

-- Imports and what became of their rows; rows that were imported are not listed one by one.
CREATE TABLE import_batch (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES org,
  file_name text NOT NULL,
  mapping jsonb NOT NULL,
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'failed', 'undone')),
  total integer,
  rows integer NOT NULL DEFAULT 0,
  imported integer NOT NULL DEFAULT 0,
  duplicate integer NOT NULL DEFAULT 0,
  blank integer NOT NULL DEFAULT 0,
  refused integer NOT NULL DEFAULT 0,
  notes jsonb NOT NULL DEFAULT '[]',
  created_by uuid REFERENCES account,
  created_on date NOT NULL DEFAULT current_date,
  undone_on date
);
CREATE TABLE import_row (
  import_id uuid NOT NULL REFERENCES import_batch ON DELETE CASCADE,
  line integer NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('duplicate', 'blank', 'refused')),
  field text,
  reason text NOT NULL,
  org_id uuid NOT NULL REFERENCES org,
  PRIMARY KEY (import_id, line)
);
ALTER TABLE org ADD FOREIGN KEY (import_id) REFERENCES import_batch;

-- What was sent, sealed. Dates are days: nobody needs the minute, and the minute can tell who it was.
CREATE TABLE vault.sealing_key (
  key_id text PRIMARY KEY,
  created_on date NOT NULL DEFAULT current_date
);
CREATE TABLE vault.submission (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES public.org,
  audience text NOT NULL CHECK (audience IN ('patient', 'carer', 'staff')),
  form text NOT NULL,
  channel text NOT NULL CHECK (channel IN ('form', 'api', 'import', 'demonstration')),
  import_id uuid REFERENCES public.import_batch,
  response_id uuid NOT NULL,           -- several rows of an import may be answers of one response
  source_hash bytea UNIQUE,            -- keyed hash of the source's own id: the same row never counts twice
  idempotency_hash bytea UNIQUE,       -- keyed hash of the Idempotency-Key
  body_hash bytea,                     -- keyed hash of the body: the same key with another body is refused
  received_on date NOT NULL,
  sealed bytea NOT NULL,
  key_id text NOT NULL,
  state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'done', 'held'))
);
CREATE INDEX submission_import ON vault.submission (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX submission_response ON vault.submission (response_id);
CREATE INDEX submission_waiting ON vault.submission (state) WHERE state <> 'done';

-- What was heard.
CREATE TABLE response (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  said_on date NOT NULL,
  fft smallint CHECK (fft BETWEEN 1 AND 6),
  about jsonb NOT NULL DEFAULT '{}',   -- optional answers: age band, ethnicity, language, disability
  channel text NOT NULL,
  import_id uuid REFERENCES import_batch
);
CREATE INDEX response_day ON response (org_id, said_on, stream);
CREATE INDEX response_import ON response (import_id) WHERE import_id IS NOT NULL;
CREATE TABLE comment (
  id uuid PRIMARY KEY,
  submission_id uuid NOT NULL REFERENCES vault.submission ON DELETE CASCADE,
  response_id uuid NOT NULL REFERENCES response ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  question text NOT NULL,
  text text NOT NULL,                  -- de-identified
  redactions smallint NOT NULL DEFAULT 0,
  said_on date NOT NULL,
  search tsvector GENERATED ALWAYS AS (to_tsvector('english', text)) STORED,
  UNIQUE (submission_id, question)
);
CREATE INDEX comment_day ON comment (org_id, said_on, stream);
CREATE INDEX comment_newest ON comment (said_on DESC, id);
CREATE INDEX comment_search ON comment USING gin (search);
CREATE INDEX comment_response ON comment (response_id);
-- Things that a person must look at; a submission whose de-identification failed has no comment.
CREATE TABLE review_item (
  id uuid PRIMARY KEY,
  submission_id uuid NOT NULL REFERENCES vault.submission ON DELETE CASCADE,
  comment_id uuid REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  reason text NOT NULL CHECK (reason IN ('language', 'unreadable', 'redaction', 'empty')),
  said_on date NOT NULL,
  looked_at_by uuid REFERENCES account,
  looked_at_on date
);
CREATE INDEX review_item_comment ON review_item (comment_id);
CREATE INDEX review_item_submission ON review_item (submission_id);
CREATE INDEX review_item_open ON review_item (org_id) WHERE looked_at_on IS NULL;

-- What it means.
CREATE TABLE analysis (
  comment_id uuid PRIMARY KEY REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  bundle text NOT NULL,
  language text NOT NULL,
  language_p real NOT NULL,
  sentiment smallint NOT NULL CHECK (sentiment BETWEEN 1 AND 5),  -- 1 very positive … 5 very negative
  sentiment_p real NOT NULL,
  sentences jsonb NOT NULL
);
CREATE INDEX analysis_sentiment ON analysis (org_id, sentiment);
CREATE TABLE comment_theme (
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  framework text NOT NULL,
  theme text NOT NULL,
  p real NOT NULL,
  words jsonb NOT NULL,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  PRIMARY KEY (comment_id, framework, theme)
);
CREATE INDEX comment_theme_theme ON comment_theme (theme, org_id);
CREATE TABLE embedding (
  comment_id uuid PRIMARY KEY REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL,
  model text NOT NULL,
  vector halfvec(384) NOT NULL
);
CREATE INDEX embedding_org ON embedding (org_id, stream);

-- Discovered themes. An id stays when data grows.
CREATE TABLE cluster (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL CHECK (stream IN ('patient', 'staff')),  -- carers are discovered with patients
  number integer NOT NULL,
  name text NOT NULL,
  words jsonb NOT NULL,
  centroid halfvec(384) NOT NULL,
  exemplars uuid[] NOT NULL,
  size integer NOT NULL,
  first_seen_on date NOT NULL,
  last_seen_on date NOT NULL,
  UNIQUE (org_id, stream, number)
);
CREATE TABLE comment_cluster (
  comment_id uuid PRIMARY KEY REFERENCES comment ON DELETE CASCADE,
  cluster_id uuid NOT NULL REFERENCES cluster ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  stream text NOT NULL
);
CREATE INDEX comment_cluster_cluster ON comment_cluster (cluster_id);
CREATE TABLE discovery (
  id uuid PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES org,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  comments integer,
  clusters integer,
  asked_on date NOT NULL DEFAULT current_date
);
CREATE INDEX discovery_org ON discovery (org_id);

-- Small daily roll-ups: the only thing that a chart reads.
CREATE TABLE daily (
  org_id uuid NOT NULL REFERENCES org,
  day date NOT NULL,
  stream text NOT NULL CHECK (stream IN ('patient', 'carer', 'staff')),
  measure text NOT NULL CHECK (measure IN ('responses', 'comments', 'fft', 'sentiment', 'theme', 'theme_negative')),
  label text NOT NULL DEFAULT '',
  n integer NOT NULL CHECK (n > 0),
  PRIMARY KEY (org_id, day, stream, measure, label)
);
CREATE INDEX daily_measure ON daily (measure, day);

-- Who may do what. Application roles own no table.
GRANT SELECT (id, parent_id, path, level, code, ods_code, name, setting, invented, closed_on, successor_id) ON org
  TO earshot_public;
GRANT SELECT (id, token, org_id, audience, label, expires_on) ON form_link TO earshot_public;
GRANT INSERT, SELECT (id, idempotency_hash, body_hash, received_on) ON vault.submission TO earshot_public;

GRANT SELECT ON account, role_grant, form_link, import_batch, import_row, response, comment, review_item, analysis, comment_theme,
  embedding, cluster, comment_cluster, discovery, daily, org TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, bucket TO earshot_console;
GRANT INSERT, UPDATE (label, expires_on) ON form_link TO earshot_console;
GRANT INSERT ON discovery, import_batch TO earshot_console;
GRANT UPDATE (state) ON import_batch TO earshot_console;
GRANT UPDATE (looked_at_by, looked_at_on) ON review_item TO earshot_console;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO earshot_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vault TO earshot_worker;

-- Row-level security on everything that belongs to an organisation, forced, so that even the owner obeys it.
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['org', 'role_grant', 'form_link', 'import_batch', 'import_row', 'response', 'comment', 'review_item',
    'analysis', 'comment_theme', 'embedding', 'cluster', 'comment_cluster', 'discovery', 'daily', 'vault.submission'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['form_link', 'import_batch', 'import_row', 'discovery'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]))', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['response', 'comment', 'review_item', 'analysis', 'comment_theme', 'embedding', 'cluster',
    'comment_cluster', 'daily'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])'
      ' AND stream = ANY ((SELECT visible_streams())::text[]))', t);
  END LOOP;
END $$;
CREATE POLICY scope ON org TO earshot_console USING (id = ANY ((SELECT visible_orgs())::uuid[]));
CREATE POLICY grants_are_read_at_sign_in ON role_grant FOR SELECT TO earshot_console USING (true);
CREATE POLICY anyone_may_know_the_tree ON org FOR SELECT TO earshot_public USING (true);
CREATE POLICY anyone_may_open_a_link ON form_link FOR SELECT TO earshot_public USING (true);
CREATE POLICY anyone_may_say_something ON vault.submission FOR INSERT TO earshot_public WITH CHECK (channel IN ('form', 'api'));
CREATE POLICY a_replay_may_be_recognised ON vault.submission FOR SELECT TO earshot_public USING (idempotency_hash IS NOT NULL);
DO $$ BEGIN  -- the owner of visible_orgs() must see the tree, also where the owner is no superuser
  EXECUTE format('CREATE POLICY owner_reads ON org FOR SELECT TO %I USING (true)', current_user);
  EXECUTE format('CREATE POLICY owner_restores ON vault.submission FOR SELECT TO %I USING (true)', current_user);
END $$;

-- The work queue: the tables of pgqueuer 1.6.0, as its 'sql install' prints them.

CREATE TYPE pgqueuer_status AS ENUM ('queued', 'picked', 'successful', 'exception', 'canceled', 'deleted', 'failed');

CREATE TABLE pgqueuer (
    id bigserial NOT NULL PRIMARY KEY,
    priority integer NOT NULL,
    queue_manager_id uuid,
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    execute_after timestamp with time zone NOT NULL DEFAULT now(),
    status pgqueuer_status NOT NULL,
    entrypoint text NOT NULL,
    dedupe_key text,
    payload bytea,
    headers jsonb,
    attempts integer NOT NULL DEFAULT 0,
    slot bigint
);

CREATE TABLE pgqueuer_log (
    id bigint GENERATED BY DEFAULT AS IDENTITY NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT now(),
    job_id bigint NOT NULL,
    status pgqueuer_status NOT NULL,
    priority integer NOT NULL,
    entrypoint text NOT NULL,
    traceback jsonb,
    aggregated boolean DEFAULT false
);

CREATE TABLE pgqueuer_schedules (
    id bigserial NOT NULL PRIMARY KEY,
    expression text NOT NULL,
    entrypoint text NOT NULL,
    heartbeat timestamp with time zone NOT NULL DEFAULT now(),
    created timestamp with time zone NOT NULL DEFAULT now(),
    updated timestamp with time zone NOT NULL DEFAULT now(),
    next_run timestamp with time zone NOT NULL DEFAULT now(),
    last_run timestamp with time zone,
    status pgqueuer_status DEFAULT 'queued'::pgqueuer_status,
    UNIQUE (expression, entrypoint)
);

CREATE TABLE pgqueuer_statistics (
    id bigserial NOT NULL PRIMARY KEY,
    created timestamp with time zone NOT NULL DEFAULT date_trunc('sec'::text, now()),
    count bigint NOT NULL,
    priority integer NOT NULL,
    status pgqueuer_status NOT NULL,
    entrypoint text NOT NULL
);

CREATE INDEX pgqueuer_ep_ea_idx ON pgqueuer USING btree (entrypoint, execute_after) WHERE (status = 'queued'::pgqueuer_status);

CREATE INDEX pgqueuer_ep_prio_id_idx ON pgqueuer USING btree (entrypoint, priority DESC, id) WHERE (status = 'queued'::pgqueuer_status);

CREATE INDEX pgqueuer_log_created ON pgqueuer_log USING btree (created);

CREATE INDEX pgqueuer_log_job_id_status ON pgqueuer_log USING btree (job_id, created DESC);

CREATE INDEX pgqueuer_log_not_aggregated ON pgqueuer_log USING btree ((1)) WHERE (NOT aggregated);

CREATE INDEX pgqueuer_log_status ON pgqueuer_log USING btree (status);

CREATE INDEX pgqueuer_picked_heartbeat_idx ON pgqueuer USING btree (heartbeat) WHERE (status = 'picked'::pgqueuer_status);

CREATE UNIQUE INDEX pgqueuer_picked_slot_idx ON pgqueuer USING btree (entrypoint, slot) WHERE ((status = 'picked'::pgqueuer_status) AND (slot IS NOT NULL));

CREATE INDEX pgqueuer_priority_id_id1_idx ON pgqueuer USING btree (priority, id DESC) INCLUDE (id) WHERE (status = 'queued'::pgqueuer_status);

CREATE INDEX pgqueuer_queue_manager_id_idx ON pgqueuer USING btree (queue_manager_id) WHERE (queue_manager_id IS NOT NULL);

CREATE UNIQUE INDEX pgqueuer_statistics_unique_count ON pgqueuer_statistics USING btree (priority, date_trunc('sec'::text, timezone('UTC'::text, created)), status, entrypoint);

CREATE UNIQUE INDEX pgqueuer_unique_dedupe_key ON pgqueuer USING btree (dedupe_key) WHERE ((status = ANY (ARRAY['queued'::pgqueuer_status, 'picked'::pgqueuer_status])) AND (dedupe_key IS NOT NULL));

CREATE INDEX pgqueuer_updated_id_id1_idx ON pgqueuer USING btree (updated, id DESC) INCLUDE (id) WHERE (status = 'picked'::pgqueuer_status);

CREATE FUNCTION fn_pgqueuer_changed() RETURNS TRIGGER AS $$
DECLARE
    to_emit BOOLEAN := false;  -- Flag to decide whether to emit a notification
BEGIN
    -- Check operation type and set the emit flag accordingly
    IF TG_OP = 'UPDATE' AND OLD IS DISTINCT FROM NEW THEN
        to_emit := true;
    ELSIF TG_OP = 'DELETE' THEN
        to_emit := true;
    ELSIF TG_OP = 'INSERT' THEN
        to_emit := true;
    ELSIF TG_OP = 'TRUNCATE' THEN
        to_emit := true;
    END IF;

    -- Perform notification if the emit flag is set
    IF to_emit THEN
        PERFORM pg_notify(
            'ch_pgqueuer',
            json_build_object(
                'channel', 'ch_pgqueuer',
                'operation', lower(TG_OP),
                'sent_at', NOW(),
                'table', TG_TABLE_NAME,
                'type', 'table_changed_event'
            )::text
        );
    END IF;

    -- Return appropriate value based on the operation
    IF TG_OP IN ('INSERT', 'UPDATE') THEN
        RETURN NEW;
    ELSIF TG_OP = 'DELETE' THEN
        RETURN OLD;
    ELSE
        RETURN NULL; -- For TRUNCATE and other non-row-specific contexts
    END IF;

END;
$$ LANGUAGE plpgsql;

CREATE TRIGGER tg_pgqueuer_changed
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON pgqueuer
EXECUTE FUNCTION fn_pgqueuer_changed();

ALTER FUNCTION fn_pgqueuer_changed() SET search_path = public, pg_temp;
GRANT INSERT, SELECT (id, entrypoint, priority, dedupe_key, status) ON pgqueuer TO earshot_public, earshot_console;
GRANT INSERT ON pgqueuer_log TO earshot_public, earshot_console;
GRANT USAGE ON SEQUENCE pgqueuer_id_seq TO earshot_public, earshot_console;
GRANT SELECT, UPDATE, DELETE ON pgqueuer TO earshot_console;
GRANT SELECT ON pgqueuer_log TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics TO earshot_worker;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO earshot_worker;
