-- The role earshot_reader stays: it belongs to the whole server, and somebody's login may belong to it.
DROP VIEW statistics;
DROP FUNCTION use_feed_key(bytea);
DROP TABLE report_file, report, statistic, statistic_made, feed_key, feed_reader;
REVOKE USAGE ON SCHEMA public FROM earshot_reader;
