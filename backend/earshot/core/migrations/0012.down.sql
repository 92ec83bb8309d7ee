-- Undo: mail and digests: letters, and what one person was told in one period.
DROP TABLE digest, mail_stop, letter;
