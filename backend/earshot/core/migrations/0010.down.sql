DROP TABLE return_frozen, return_value;
DROP FUNCTION speak_up_facts(uuid, date, date), complaint_facts(uuid, date, date), return_kept_from(), acting_roles(),
  kept_from_me(uuid, text[]), acts_over(uuid, text[]);
