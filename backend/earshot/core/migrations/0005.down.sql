DROP TRIGGER looking_acknowledges ON review_item;
DROP FUNCTION looking_acknowledges();
DROP TABLE signal_rules, signal_finding, signal_scan, signal_answer, signal_event, signal;
DROP FUNCTION visible_providers(uuid);
