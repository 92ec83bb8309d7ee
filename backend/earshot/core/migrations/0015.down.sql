DROP TRIGGER publication_unquote ON comment;
DROP TRIGGER publication_unquote ON safety_flag;
DROP TABLE publication_step, publication_quote, publication_version, publication;
DROP FUNCTION publication_kept(), publication_unquote();
