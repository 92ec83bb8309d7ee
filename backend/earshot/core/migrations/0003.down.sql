DROP TRIGGER only_take_out ON comment;
DROP FUNCTION only_take_out();
REVOKE UPDATE (text, redactions) ON comment FROM earshot_console;
DROP VIEW effective_theme, effective_sentiment;
DROP TABLE drift, coding, coding_sample, bundle_version, correction;
