ALTER TABLE bundle_version DROP COLUMN bands;
DROP TABLE comment_considered;
