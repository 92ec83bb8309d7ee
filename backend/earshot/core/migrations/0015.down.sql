DROP TABLE publication_step, publication_quote, publication_version, publication;
DROP FUNCTION publication_kept();
