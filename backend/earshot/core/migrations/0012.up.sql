-- Mail and digests: letters, and what one person was told in one period.

-- One row for each mail. What it says is dropped once a server has it, and after 30 days in any case.
CREATE TABLE letter (
  id uuid PRIMARY KEY,
  key text NOT NULL UNIQUE,            -- posted once under a key, ever
  mark text NOT NULL UNIQUE CHECK (length(mark) = 32),  -- of the key: the left part of the Message-ID
  account_id uuid REFERENCES account ON DELETE SET NULL,
  address text,                        -- to whom; forgotten after 92 days
  kind text NOT NULL CHECK (kind IN ('alert', 'digest', 'notice')),
  subject text,
  body text,
  html text,
  unsubscribe text,
  padded boolean NOT NULL DEFAULT false,
  kept boolean NOT NULL GENERATED ALWAYS AS (body IS NOT NULL) STORED,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'sending', 'sent', 'maybe_sent', 'refused', 'bounced')),
  why text,                            -- in our own words, with a mail server's number and none of its text
  attempts integer NOT NULL DEFAULT 0,
  posted_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz NOT NULL DEFAULT now(),
  first_tried_at timestamptz,
  tried_at timestamptz,
  settled_at timestamptz
);
CREATE INDEX letter_open ON letter (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX letter_account ON letter (account_id, posted_at DESC);
CREATE INDEX letter_newest ON letter (posted_at DESC);
-- Mails that somebody does not want any more: 'daily', 'weekly', 'alerts', 'notice' …
CREATE TABLE mail_stop (
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  about text NOT NULL,
  stopped_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (account_id, about)
);
-- What one person was told, or would have been had there been anything, in one period.
CREATE TABLE digest (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  cadence text NOT NULL CHECK (cadence IN ('hourly', 'daily', 'weekly', 'monthly')),
  period timestamptz NOT NULL,         -- the moment at which it was due
  state text NOT NULL CHECK (state IN ('news', 'nothing_new', 'silent')),
  composed_at timestamptz NOT NULL DEFAULT now(),
  content jsonb NOT NULL DEFAULT '{}', -- a quote stands in it as its comment's id, so that it goes with the comment
  letter_id uuid REFERENCES letter ON DELETE SET NULL,
  UNIQUE (account_id, cadence, period)
);
CREATE INDEX digest_letter ON digest (letter_id);

GRANT SELECT (id, key, mark, account_id, address, kind, kept, state, why, attempts, posted_at, due_at, first_tried_at, tried_at,
  settled_at) ON letter TO earshot_console;
GRANT INSERT ON letter TO earshot_console;
GRANT UPDATE (state, why, due_at, first_tried_at) ON letter TO earshot_console;
GRANT SELECT, INSERT, DELETE ON mail_stop TO earshot_console;
GRANT SELECT ON digest TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON letter, mail_stop, digest TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['letter', 'mail_stop', 'digest'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
END $$;
-- One's own, and those to people who have a role somewhere below one's own place.
CREATE POLICY scope ON letter TO earshot_console USING (account_id = acting_account() OR EXISTS (
  SELECT FROM role_grant g WHERE g.account_id = letter.account_id AND g.org_id = ANY ((SELECT visible_orgs())::uuid[])));
CREATE POLICY own ON mail_stop TO earshot_console USING (account_id = acting_account());
CREATE POLICY own ON digest FOR SELECT TO earshot_console USING (account_id = acting_account());
