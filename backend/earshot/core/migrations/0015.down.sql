DROP TABLE publication_step, publication_quote, publication_version, publication;
DROP FUNCTION publication_kept();
REVOKE EXECUTE ON FUNCTION acts_over(uuid, text[]) FROM earshot_worker;
