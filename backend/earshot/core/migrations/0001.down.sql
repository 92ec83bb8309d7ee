DROP SCHEMA vault CASCADE;
DROP TABLE daily, discovery, comment_cluster, cluster, embedding, comment_theme, analysis, review_item, comment, response,
  import_row, form_link, bucket, session, role_grant, account CASCADE;
DROP TABLE org, import_batch CASCADE;
DROP TABLE pgqueuer, pgqueuer_log, pgqueuer_schedules, pgqueuer_statistics CASCADE;
DROP FUNCTION fn_pgqueuer_changed(), visible_orgs(), visible_streams();
DROP TYPE pgqueuer_status;
