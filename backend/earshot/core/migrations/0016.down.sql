-- The role earshot_reader stays: it belongs to the whole server, and somebody's login may belong to it.
DROP VIEW statistics;
DROP FUNCTION use_feed_key(bytea);
DROP TABLE report_file, report, statistic, statistic_made, feed_key, feed_reader;
REVOKE EXECUTE ON FUNCTION speak_up_facts(uuid, date, date), case_times(uuid, date, date) FROM earshot_worker;
REVOKE USAGE ON SCHEMA public FROM earshot_reader;
