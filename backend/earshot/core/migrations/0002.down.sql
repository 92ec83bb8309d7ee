DROP TABLE safety_sample, safety_flag;
DELETE FROM review_item WHERE reason = 'safety';
ALTER TABLE review_item DROP CONSTRAINT review_item_reason_check;
ALTER TABLE review_item ADD CONSTRAINT review_item_reason_check
  CHECK (reason IN ('language', 'unreadable', 'redaction', 'empty'));
