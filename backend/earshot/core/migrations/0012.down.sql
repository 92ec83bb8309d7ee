-- Undo: mail and digests: letters, and what one person was told in one period.
SELECT 1;
