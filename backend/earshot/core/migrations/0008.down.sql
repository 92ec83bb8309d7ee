DROP POLICY administrators_give ON role_grant;
DROP POLICY administrators_take ON role_grant;
REVOKE INSERT, DELETE ON role_grant FROM earshot_console;
REVOKE INSERT (email, name, password_hash, place_id), UPDATE (name, password_hash, disabled_on) ON account FROM earshot_console;
DROP TABLE second_look, invitation, single_sign_on, sign_in_challenge, recovery_code, passkey, totp;
DROP FUNCTION administers(uuid), oversees(uuid);
ALTER TABLE session DROP COLUMN proved_at, DROP COLUMN mfa, DROP COLUMN how, DROP COLUMN id;
UPDATE account SET password_hash = '' WHERE password_hash IS NULL;
ALTER TABLE account ALTER COLUMN password_hash SET NOT NULL, DROP COLUMN place_id, DROP COLUMN invented;
