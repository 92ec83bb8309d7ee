-- Undo: counts by week and month for every organisation and all above it.
DROP TRIGGER rollup_moved ON org;
DROP TRIGGER rollup_emptied ON daily;
DROP TRIGGER rollup_changed ON daily;
DROP TRIGGER rollup_removed ON daily;
DROP TRIGGER rollup_added ON daily;
DROP POLICY owner_locks ON org;
DROP POLICY owner_reads ON daily;
DROP VIEW period_count;
DROP TABLE rollup_due, rollup_change, monthly_count, weekly_count;
DROP FUNCTION rollup_fold(), rollup_note(), rollup_move(), rollup_empty(), case_times(uuid, date, date);
ALTER TABLE daily NO FORCE ROW LEVEL SECURITY;
ALTER TABLE daily DROP CONSTRAINT daily_measure_check;
DELETE FROM daily WHERE measure LIKE 'group%';
ALTER TABLE daily ADD CONSTRAINT daily_measure_check CHECK (measure IN ('responses', 'comments', 'fft', 'sentiment',
  'theme', 'theme_negative'));
ALTER TABLE daily FORCE ROW LEVEL SECURITY;
