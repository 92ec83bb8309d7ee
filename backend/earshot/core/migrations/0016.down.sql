-- Undo: reports that are frozen, and keys for other programmes.
SELECT 1;
