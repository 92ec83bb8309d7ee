DROP TRIGGER take_keys_away ON account;
DROP TABLE vault.case_wrap;
DROP TABLE case_seen, case_feedback, case_action, hand_off, case_step, case_text, break_glass, case_escrow, case_lock, case_exclusion,
  case_file, escrow, key_lock, key_pair CASCADE;
DROP FUNCTION handlers_of(uuid, text), escrow_of(uuid), excluded_from(uuid), visible_case_orgs(), visible_case_streams(),
  acting_account(), people_of_case(), last_of_case(uuid), escrow_part(uuid), escrowed_case(text), glass_case(uuid),
  glass_opened(), holds_escrow(), cases_only_for(uuid), take_keys_away();
REVOKE ALL ON bucket FROM earshot_public;
DELETE FROM role_grant WHERE role = 'pals';
ALTER TABLE role_grant DROP CONSTRAINT role_grant_role_check;
ALTER TABLE role_grant ADD CONSTRAINT role_grant_role_check
  CHECK (role IN ('administrator', 'guardian', 'manager', 'quality_lead', 'analyst'));
