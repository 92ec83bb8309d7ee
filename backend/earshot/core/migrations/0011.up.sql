-- Alerts: who wants to know of what, who was told, and who answers for what is urgent.

-- What somebody wants to be told of, when and how. It belongs to a person, so the place is `place_id`, not `org_id`.
CREATE TABLE subscription (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  place_id uuid NOT NULL REFERENCES org,         -- it and all below it
  streams text[] NOT NULL DEFAULT '{}' CHECK (streams <@ '{patient,carer,staff}'),   -- none: all that one may read
  themes text[] NOT NULL DEFAULT '{}',
  kinds text[] NOT NULL DEFAULT '{}' CHECK (kinds <@
    '{rise,fall,praise,co_signal,silence,emerging,inequity,one_comment}'),
  least_ratio double precision CHECK (least_ratio BETWEEN 1 AND 100),
  channels text[] NOT NULL CHECK (channels <@ '{in_app,mail,webhook,calendar,atom}' AND channels <> '{}'),
  cadence text NOT NULL CHECK (cadence IN ('at_once', 'hourly', 'daily', 'weekly', 'monthly')),
  at_time time NOT NULL DEFAULT '08:00',
  weekday smallint NOT NULL DEFAULT 1 CHECK (weekday BETWEEN 1 AND 7),
  month_day smallint NOT NULL DEFAULT 1 CHECK (month_day BETWEEN 1 AND 28),
  time_zone text NOT NULL DEFAULT 'Europe/London',
  quiet_from time,
  quiet_until time,
  weekly_cap smallint CHECK (weekly_cap BETWEEN 1 AND 100),
  webhook_url text,
  snoozed_until timestamptz,
  made_on date NOT NULL DEFAULT current_date,
  ended_on date,
  CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
  CHECK (('webhook' = ANY (channels)) = (webhook_url IS NOT NULL))
);
CREATE INDEX subscription_account ON subscription (account_id);
CREATE INDEX subscription_place ON subscription (place_id) WHERE ended_on IS NULL;

-- One person is told of one signal once; a signal that was opened again begins another turn.
CREATE TABLE alert (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
  signal_id uuid NOT NULL REFERENCES signal ON DELETE CASCADE,
  subscription_id uuid REFERENCES subscription,
  why text NOT NULL CHECK (why IN ('subscribed', 'deputy', 'role')),
  cadence text NOT NULL,
  channels text[] NOT NULL,
  urgent boolean NOT NULL,
  turn integer NOT NULL DEFAULT 1,
  made_at timestamptz NOT NULL DEFAULT now(),
  due_at timestamptz,                  -- none: the next digest tells it
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'told', 'settled')),
  told_at timestamptz,
  seen_at timestamptz,
  UNIQUE (account_id, signal_id),
  CHECK ((why = 'subscribed') = (subscription_id IS NOT NULL))
);
CREATE INDEX alert_waiting ON alert (due_at) WHERE state = 'waiting';
CREATE INDEX alert_signal ON alert (signal_id);
CREATE INDEX alert_subscription ON alert (subscription_id, told_at);

-- Each way that an alert went: proven, failed, or not known yet.
CREATE TABLE alert_delivery (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  alert_id uuid NOT NULL REFERENCES alert ON DELETE CASCADE,
  turn integer NOT NULL,
  channel text NOT NULL CHECK (channel IN ('in_app', 'mail', 'webhook')),
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
  fallback boolean NOT NULL DEFAULT false,
  letter_id uuid,
  attempts integer NOT NULL DEFAULT 0,
  why text,                            -- one word of ours, never what a server answered
  made_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  UNIQUE (alert_id, turn, channel)
);
CREATE INDEX alert_delivery_made ON alert_delivery (made_at);

-- Who is told when nobody answers an urgent warning of a place, or of one below it that says nothing itself.
CREATE TABLE escalation (
  org_id uuid PRIMARY KEY REFERENCES org,
  deputy_id uuid REFERENCES account,
  role text NOT NULL CHECK (role IN ('administrator', 'guardian', 'pals', 'manager', 'quality_lead')),
  deputy_minutes integer NOT NULL DEFAULT 60 CHECK (deputy_minutes BETWEEN 5 AND 1440),
  delivery_minutes integer NOT NULL DEFAULT 10 CHECK (delivery_minutes BETWEEN 1 AND 240),
  set_by uuid REFERENCES account,
  set_on date NOT NULL DEFAULT current_date
);
-- The clock of an urgent warning: whose turn it is, and when the next one is told.
CREATE TABLE alert_clock (
  signal_id uuid PRIMARY KEY REFERENCES signal ON DELETE CASCADE,
  step text NOT NULL CHECK (step IN ('subscribers', 'deputy', 'role', 'nobody')),
  next_at timestamptz,                 -- none: it has stopped, or there is nobody left to tell
  turn integer NOT NULL DEFAULT 1
);
CREATE INDEX alert_clock_due ON alert_clock (next_at) WHERE next_at IS NOT NULL;
CREATE TABLE alert_step (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  signal_id uuid NOT NULL REFERENCES signal ON DELETE CASCADE,
  at timestamptz NOT NULL,
  step text NOT NULL CHECK (step IN ('subscribers', 'deputy', 'role', 'nobody')),
  why text NOT NULL CHECK (why IN ('raised', 'nobody_subscribed', 'not_acknowledged', 'not_delivered')),
  told integer NOT NULL
);
CREATE INDEX alert_step_signal ON alert_step (signal_id, id);

-- The token of somebody's calendar and Atom feed: a hash, so that a stolen table opens nothing.
CREATE TABLE feed_token (
  account_id uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
  token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
  made_on date NOT NULL DEFAULT current_date
);
CREATE FUNCTION feed_owner(hash bytea) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.id FROM feed_token f JOIN account a ON a.id = f.account_id AND a.disabled_on IS NULL WHERE f.token_hash = hash
$$;

-- People with a role over a place, for choosing a deputy: only of a place in sight.
CREATE FUNCTION people_over(place uuid) RETURNS TABLE (account_id uuid, name text, role text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT a.id, a.name, g.role
  FROM org o JOIN org above ON above.path @> o.path JOIN role_grant g ON g.org_id = above.id
  JOIN account a ON a.id = g.account_id AND a.disabled_on IS NULL
  WHERE o.id = place AND place = ANY (visible_orgs())
$$;
-- The rule that holds for a place in sight: its own, or the nearest above.
CREATE FUNCTION escalation_of(place uuid)
RETURNS TABLE (org_id uuid, org_name text, deputy_id uuid, deputy_name text, role text, deputy_minutes integer,
  delivery_minutes integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT above.id, above.name, e.deputy_id, a.name, e.role, e.deputy_minutes, e.delivery_minutes
  FROM org o JOIN org above ON above.path @> o.path JOIN escalation e ON e.org_id = above.id
  LEFT JOIN account a ON a.id = e.deputy_id AND a.disabled_on IS NULL
  WHERE o.id = place AND place = ANY (visible_orgs())
  ORDER BY nlevel(above.path) DESC LIMIT 1
$$;
-- Who subscribes to what at a place, below it or above it, without their addresses; for the roles that may know.
CREATE FUNCTION subscribers_of(place uuid)
RETURNS TABLE (id uuid, account_id uuid, name text, place_id uuid, place_name text, streams text[], themes text[], kinds text[],
  least_ratio double precision, channels text[], cadence text, snoozed_until timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, a.id, a.name, s.place_id, p.name, s.streams, s.themes, s.kinds, s.least_ratio, s.channels, s.cadence,
    s.snoozed_until
  FROM org o JOIN org p ON p.path <@ o.path OR p.path @> o.path JOIN subscription s ON s.place_id = p.id
  JOIN account a ON a.id = s.account_id AND a.disabled_on IS NULL
  WHERE o.id = place AND s.ended_on IS NULL
    AND acts_over(place, ARRAY['administrator', 'guardian', 'manager', 'quality_lead'])
    AND EXISTS (SELECT FROM role_grant g JOIN org r ON r.id = g.org_id WHERE g.account_id = a.id AND r.path @> p.path)
$$;
-- The places at and above one, for judging who may see it and who watches it.
CREATE FUNCTION above_of(place uuid) RETURNS uuid[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT coalesce(array_agg(above.id), '{}') FROM org o JOIN org above ON above.path @> o.path WHERE o.id = place
$$;
REVOKE ALL ON FUNCTION feed_owner(bytea), people_over(uuid), escalation_of(uuid), subscribers_of(uuid), above_of(uuid)
  FROM PUBLIC;
GRANT EXECUTE ON FUNCTION feed_owner(bytea), people_over(uuid), escalation_of(uuid), subscribers_of(uuid), above_of(uuid)
  TO earshot_console;
GRANT EXECUTE ON FUNCTION above_of(uuid) TO earshot_worker;

GRANT SELECT, INSERT, UPDATE ON subscription TO earshot_console;
GRANT SELECT, UPDATE (seen_at) ON alert TO earshot_console;
GRANT SELECT ON alert_delivery, alert_clock, alert_step TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON escalation, feed_token TO earshot_console;
GRANT SELECT, INSERT, UPDATE, DELETE ON subscription, alert, alert_delivery, escalation, alert_clock, alert_step, feed_token
  TO earshot_worker;

DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['subscription', 'alert', 'alert_delivery', 'escalation', 'alert_clock', 'alert_step',
    'feed_token'] LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY worker ON %s TO earshot_worker USING (true) WITH CHECK (true)', t);
    EXECUTE format('CREATE POLICY owner_reads ON %s FOR SELECT TO %I USING (true)', t, current_user);
  END LOOP;
END $$;
-- What somebody wants to know and was told is theirs alone; a place must be in sight to be subscribed to, not to end that.
CREATE POLICY own ON subscription TO earshot_console USING (account_id = acting_account())
  WITH CHECK (account_id = acting_account()
    AND (ended_on IS NOT NULL OR place_id = ANY ((SELECT visible_orgs())::uuid[])));
CREATE POLICY own ON alert TO earshot_console USING (account_id = acting_account());
CREATE POLICY own ON alert_delivery FOR SELECT TO earshot_console
  USING (EXISTS (SELECT FROM alert a WHERE a.id = alert_id));
CREATE POLICY own ON feed_token TO earshot_console USING (account_id = acting_account());
CREATE POLICY scope ON escalation TO earshot_console USING (org_id = ANY ((SELECT visible_orgs())::uuid[]));
-- Who sees a signal may know how far its warning went.
CREATE POLICY scope ON alert_clock FOR SELECT TO earshot_console
  USING (EXISTS (SELECT FROM signal s WHERE s.id = signal_id));
CREATE POLICY scope ON alert_step FOR SELECT TO earshot_console
  USING (EXISTS (SELECT FROM signal s WHERE s.id = signal_id));
