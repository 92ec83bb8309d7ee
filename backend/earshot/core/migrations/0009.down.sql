DROP TABLE erasure, retention_plan, retention_hold, retention_rule, audit_pending, audit_line;
DROP FUNCTION audit_readers(uuid), audit_record(text, uuid, uuid, uuid), audit_chain(), audit_stays(), held_back(uuid),
  kept_days(uuid, text, integer), audit_fields(bigint, date, text, uuid, text, uuid, uuid), provider_of(uuid);
DROP POLICY owner_reads_grants ON role_grant;
REVOKE UPDATE (legal_hold) ON case_file FROM earshot_console;
