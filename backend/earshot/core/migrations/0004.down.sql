ALTER TABLE discovery DROP COLUMN number;
DROP TABLE cluster_lineage;
ALTER TABLE cluster DROP COLUMN ended_on;
