DROP FUNCTION improvers_of(uuid);
DROP TABLE assurance, library_entry, praise, improvement_event, improvement_look, improvement_involved, improvement_rebase,
  improvement_cycle, improvement_signal, improvement_action;
