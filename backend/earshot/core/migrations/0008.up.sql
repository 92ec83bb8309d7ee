-- Signing in: second factors, passkeys, single sign-on, invitations, and changes that need two people.

-- People of the demonstration: `earshot user totp` tells codes of nobody else.
ALTER TABLE account ADD COLUMN invented boolean NOT NULL DEFAULT false;
-- Where somebody was invited: its administrators still see the account when it has no role.
ALTER TABLE account ADD COLUMN place_id uuid REFERENCES org;
-- Who was invited and has not answered yet has no password; who only ever comes through single sign-on needs none.
ALTER TABLE account ALTER COLUMN password_hash DROP NOT NULL;

-- A session says how it was opened, so that a password alone does not pass for two factors. Its own name is for the list
-- that its owner sees; the token is known to the browser only.
ALTER TABLE session
  ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
  ADD COLUMN how text NOT NULL DEFAULT 'password'
    CHECK (how IN ('password', 'code', 'recovery_code', 'passkey', 'single_sign_on')),
  ADD COLUMN mfa boolean NOT NULL DEFAULT false,
  ADD COLUMN proved_at timestamptz NOT NULL DEFAULT now();  -- of the last proof of who it is

CREATE TABLE totp (
  account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  sealed bytea NOT NULL,               -- the secret, under a key file that lies outside the database
  last_step bigint NOT NULL DEFAULT 0, -- a code of this step of 30 seconds, or an older one, opens nothing any more
  made_on date NOT NULL DEFAULT current_date,
  confirmed_on date                    -- until then it is only being set up
);
CREATE TABLE passkey (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  credential_id bytea NOT NULL UNIQUE,
  public_key bytea NOT NULL,
  sign_count bigint NOT NULL,
  name text NOT NULL CHECK (name <> ''),
  made_on date NOT NULL DEFAULT current_date,
  used_on date
);
CREATE INDEX passkey_account ON passkey (account_id);
CREATE TABLE recovery_code (
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  code_hash bytea NOT NULL CHECK (length(code_hash) = 32),  -- of 120 random bits: a slow hash would add nothing
  made_on date NOT NULL DEFAULT current_date,
  used_on date,
  PRIMARY KEY (account_id, code_hash)
);
-- What was asked of a browser and must come back within minutes, once.
CREATE UNLOGGED TABLE sign_in_challenge (
  token_hash bytea PRIMARY KEY,
  purpose text NOT NULL CHECK (purpose IN ('passkey_sign_in', 'passkey_new', 'single_sign_on')),
  account_id uuid REFERENCES account ON DELETE CASCADE,
  about jsonb NOT NULL DEFAULT '{}',
  expires_at timestamptz NOT NULL
);
CREATE INDEX sign_in_challenge_old ON sign_in_challenge (expires_at);
-- Whom a provider of single sign-on means: by its own name and its own number of the person, never by an e-mail address.
CREATE TABLE single_sign_on (
  issuer text NOT NULL,
  subject text NOT NULL,
  account_id uuid NOT NULL UNIQUE REFERENCES account ON DELETE CASCADE,
  made_on date NOT NULL DEFAULT current_date,
  PRIMARY KEY (issuer, subject)
);
CREATE TABLE invitation (
  account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE,
  made_by uuid REFERENCES account,
  expires_at timestamptz NOT NULL
);
-- Changes that one person asks for and another one agrees to: a role that needs two factors, and new second factors.
CREATE TABLE second_look (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('give_role', 'reset_factors')),
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  role text,
  place_id uuid REFERENCES org,
  asked_by uuid NOT NULL REFERENCES account,
  asked_on date NOT NULL DEFAULT current_date,
  decided_by uuid REFERENCES account,
  decided_on date,
  agreed boolean,
  CHECK ((kind = 'give_role') = (role IS NOT NULL AND place_id IS NOT NULL)),
  CHECK (asked_by <> account_id),
  CHECK (decided_by IS NULL OR (decided_by <> asked_by AND decided_by <> account_id) OR NOT agreed),
  CHECK ((decided_by IS NULL) = (agreed IS NULL) AND (decided_by IS NULL) = (decided_on IS NULL))
);
CREATE INDEX second_look_account ON second_look (account_id) WHERE decided_by IS NULL;

-- Whether whoever acts is administrator of a place, by a role there or above it.
CREATE FUNCTION administers(place uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM org o JOIN org above ON above.path @> o.path
    JOIN role_grant g ON g.org_id = above.id AND g.account_id = acting_account() AND g.role = 'administrator'
    WHERE o.id = place)
$$;
-- Whether whoever acts may be the second of two people for a place: another administrator, or somebody who handles cases.
CREATE FUNCTION oversees(place uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM org o JOIN org above ON above.path @> o.path
    JOIN role_grant g ON g.org_id = above.id AND g.account_id = acting_account()
      AND g.role IN ('administrator', 'guardian', 'pals')
    WHERE o.id = place)
$$;
REVOKE ALL ON FUNCTION administers(uuid), oversees(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION administers(uuid), oversees(uuid) TO earshot_console, earshot_worker;

GRANT INSERT (email, name, password_hash, place_id), UPDATE (name, password_hash, disabled_on) ON account TO earshot_console;
GRANT INSERT, DELETE ON role_grant TO earshot_console;
CREATE POLICY administrators_give ON role_grant FOR INSERT TO earshot_console WITH CHECK (oversees(org_id));
CREATE POLICY administrators_take ON role_grant FOR DELETE TO earshot_console USING (administers(org_id));
GRANT SELECT, INSERT, UPDATE, DELETE ON totp, passkey, recovery_code, sign_in_challenge, single_sign_on, invitation, second_look
  TO earshot_console, earshot_worker;
-- Who oversees all that the change is about may see it and decide; whoever asked sees it too, being administrator there.
ALTER TABLE second_look ENABLE ROW LEVEL SECURITY;
ALTER TABLE second_look FORCE ROW LEVEL SECURITY;
CREATE POLICY worker ON second_look TO earshot_worker USING (true) WITH CHECK (true);
CREATE POLICY owner_reads ON second_look FOR SELECT TO CURRENT_USER USING (true);
CREATE POLICY scope ON second_look TO earshot_console USING (
  (place_id IS NULL OR oversees(place_id))
  AND NOT EXISTS (SELECT FROM role_grant g WHERE g.account_id = second_look.account_id AND NOT oversees(g.org_id))
);
