-- Publications: "what we heard, what we did, whether it helped". A person writes one, another lets it onto the public page.

CREATE TABLE publication (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL CHECK (streams IN ('{patient,carer}', '{staff}')),  -- whose comments it speaks of
  improvement_id uuid,                 -- the improvement action that it tells of
  revision integer NOT NULL DEFAULT 1
);
CREATE INDEX publication_org ON publication (org_id);
CREATE INDEX publication_improvement ON publication (improvement_id) WHERE improvement_id IS NOT NULL;

-- Versions are only added: what was published stays as it was, with who wrote it and who approved it.
CREATE TABLE publication_version (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  publication_id uuid NOT NULL REFERENCES publication ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL,
  n integer NOT NULL CHECK (n > 0),
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'approved', 'replaced', 'withdrawn')),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
  heard text NOT NULL CHECK (length(heard) BETWEEN 1 AND 2000),
  did text NOT NULL CHECK (length(did) <= 2000),
  correction text NOT NULL DEFAULT '' CHECK (length(correction) <= 300),  -- what was wrong in the version before
  theme text,
  since date NOT NULL,
  until date NOT NULL CHECK (until >= since),
  changed_on date,                     -- from this week on the change was made: counts before and after it
  numbers jsonb NOT NULL,              -- protected counts, frozen: one for each stretch of weeks
  recounted_on date,                   -- something was erased that they had counted
  verdict text CHECK (verdict IN ('unproven', 'improved', 'worse')),
  verdict_words text NOT NULL DEFAULT '',
  error_rate float8,
  writers uuid[] NOT NULL CHECK (cardinality(writers) > 0),
  written_on date NOT NULL DEFAULT current_date,
  approved_by uuid REFERENCES account,
  approved_on date,
  withdrawn_on date,
  withdrawn_because text NOT NULL DEFAULT '' CHECK (length(withdrawn_because) <= 300),
  UNIQUE (publication_id, n),
  CHECK ((state = 'draft') = (approved_by IS NULL)),
  CHECK ((approved_by IS NULL) = (approved_on IS NULL)),
  CHECK (approved_by IS NULL OR NOT approved_by = ANY (writers))  -- nobody approves what they wrote
);
CREATE UNIQUE INDEX publication_one_draft ON publication_version (publication_id) WHERE state = 'draft';
CREATE UNIQUE INDEX publication_one_public ON publication_version (publication_id) WHERE state = 'approved';
CREATE INDEX publication_version_org ON publication_version (org_id) WHERE state = 'approved';
-- Somebody's words go with their comment, at once, from the public page too.
CREATE TABLE publication_quote (
  version_id uuid PRIMARY KEY REFERENCES publication_version ON DELETE CASCADE,
  comment_id uuid NOT NULL REFERENCES comment ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL CHECK (streams = '{patient,carer}'),  -- never of staff
  text text NOT NULL CHECK (length(text) BETWEEN 1 AND 400)
);
CREATE INDEX publication_quote_comment ON publication_quote (comment_id);
-- What was done with it, and by whom; only added to.
CREATE TABLE publication_step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  publication_id uuid NOT NULL REFERENCES publication ON DELETE CASCADE,
  org_id uuid NOT NULL REFERENCES org,
  streams text[] NOT NULL,
  n integer NOT NULL,
  step text NOT NULL CHECK (step IN ('written', 'approved', 'withdrawn', 'undone', 'recounted')),
  by_account uuid REFERENCES account,  -- none: Earshot itself
  on_day date NOT NULL DEFAULT current_date
);
CREATE INDEX publication_step_publication ON publication_step (publication_id, id);

-- The rules that no mistake in the application can pass: words stay once they were let out, and only another person with
-- the right to publish there lets them out.
CREATE FUNCTION publication_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF OLD.state <> 'draft' AND (OLD.title, OLD.heard, OLD.did, OLD.correction, OLD.theme, OLD.verdict, OLD.verdict_words, OLD.writers)
    IS DISTINCT FROM (NEW.title, NEW.heard, NEW.did, NEW.correction, NEW.theme, NEW.verdict, NEW.verdict_words, NEW.writers) THEN
    RAISE insufficient_privilege USING MESSAGE = 'a published version stays as it is';
  END IF;
  IF OLD.state <> 'draft' AND acting_account() IS NOT NULL AND OLD.numbers IS DISTINCT FROM NEW.numbers THEN
    RAISE insufficient_privilege USING MESSAGE = 'only Earshot itself counts again';
  END IF;
  IF NEW.state <> OLD.state AND acting_account() IS NOT NULL AND NOT acts_over(NEW.org_id, ARRAY['pals', 'quality_lead']) THEN
    RAISE insufficient_privilege USING MESSAGE = 'not yours to publish';
  END IF;
  IF NEW.state = 'approved' AND OLD.state = 'draft' AND NEW.approved_by IS DISTINCT FROM acting_account() THEN
    RAISE insufficient_privilege USING MESSAGE = 'approved in another name';
  END IF;
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION publication_kept() FROM PUBLIC;
CREATE TRIGGER publication_kept BEFORE UPDATE ON publication_version FOR EACH ROW EXECUTE FUNCTION publication_kept();

-- Words that were taken out of a comment leave its quotes, and a comment that may tell of danger is quoted no longer.
CREATE FUNCTION publication_unquote() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'safety_flag' THEN
    DELETE FROM publication_quote q WHERE q.comment_id = NEW.comment_id;
  ELSE
    DELETE FROM publication_quote q WHERE q.comment_id = NEW.id AND position(q.text IN NEW.text) = 0;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION publication_unquote() FROM PUBLIC;
CREATE TRIGGER publication_unquote AFTER UPDATE OF text ON comment FOR EACH ROW WHEN (OLD.text IS DISTINCT FROM NEW.text)
  EXECUTE FUNCTION publication_unquote();
CREATE TRIGGER publication_unquote AFTER INSERT ON safety_flag FOR EACH ROW EXECUTE FUNCTION publication_unquote();

GRANT SELECT, INSERT, UPDATE (revision), DELETE ON publication TO earshot_console;
GRANT SELECT, DELETE ON publication_version TO earshot_console;
GRANT UPDATE (state, title, heard, did, correction, theme, since, until, changed_on, numbers, verdict, verdict_words, error_rate,
  writers, written_on, approved_by, approved_on, withdrawn_on, withdrawn_because) ON publication_version TO earshot_console;
GRANT INSERT (publication_id, org_id, streams, n, title, heard, did, correction, theme, since, until, changed_on, numbers, verdict,
  verdict_words, error_rate, writers) ON publication_version TO earshot_console;
GRANT SELECT, INSERT, DELETE ON publication_quote TO earshot_console;
GRANT SELECT, INSERT ON publication_step TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON publication, publication_version, publication_quote, publication_step TO earshot_worker;
-- The public door: what was approved, and not by whom.
-- In the demonstration invented people publish through the worker, under their own names.
GRANT EXECUTE ON FUNCTION acts_over(uuid, text[]) TO earshot_worker;
GRANT SELECT (id, publication_id, org_id, n, state, title, heard, did, correction, theme, since, until, changed_on, numbers,
  recounted_on, verdict, verdict_words, error_rate, approved_on, streams) ON publication_version TO earshot_public;
GRANT SELECT (version_id, text) ON publication_quote TO earshot_public;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['publication', 'publication_version', 'publication_quote', 'publication_step'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['publication', 'publication_quote', 'publication_step'] LOOP
    EXECUTE format('CREATE POLICY scope ON %s TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[])'
      ' AND streams <@ (SELECT visible_streams())::text[])', t);
  END LOOP;
END $$;
CREATE POLICY reads ON publication_version FOR SELECT TO earshot_console USING (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]);
CREATE POLICY writes ON publication_version FOR INSERT TO earshot_console WITH CHECK (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]
  AND acting_account() = ANY (writers));
CREATE POLICY changes ON publication_version FOR UPDATE TO earshot_console USING (
  org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]);
CREATE POLICY drops_drafts ON publication_version FOR DELETE TO earshot_console USING (
  state = 'draft' AND org_id = ANY ((SELECT visible_orgs())::uuid[]) AND streams <@ (SELECT visible_streams())::text[]);
DO $$ BEGIN  -- the owner of publication_unquote(), also where it is no superuser
  EXECUTE format('CREATE POLICY owner_unquotes ON publication_quote FOR DELETE TO %I USING (true)', current_user);
END $$;
-- What was let out once is not deleted with its publication, and its quote is not exchanged.
CREATE POLICY only_before_it_was_out ON publication AS RESTRICTIVE FOR DELETE TO earshot_console USING (
  NOT EXISTS (SELECT FROM publication_version v WHERE v.publication_id = publication.id AND v.state <> 'draft'));
CREATE POLICY only_of_drafts ON publication_quote AS RESTRICTIVE FOR DELETE TO earshot_console USING (
  EXISTS (SELECT FROM publication_version v WHERE v.id = version_id AND v.state = 'draft'));
CREATE POLICY only_for_drafts ON publication_quote AS RESTRICTIVE FOR INSERT TO earshot_console WITH CHECK (
  EXISTS (SELECT FROM publication_version v WHERE v.id = version_id AND v.state = 'draft'));
CREATE POLICY anyone_reads_what_was_approved ON publication_version FOR SELECT TO earshot_public USING (state = 'approved');
CREATE POLICY anyone_reads_what_was_approved ON publication_quote FOR SELECT TO earshot_public USING (
  EXISTS (SELECT FROM publication_version v WHERE v.id = version_id AND v.state = 'approved'));
