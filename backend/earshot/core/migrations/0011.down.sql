DROP FUNCTION feed_owner(bytea), people_over(uuid), escalation_of(uuid), subscribers_of(uuid), above_of(uuid);
DROP TABLE feed_token, alert_step, alert_clock, escalation, alert_delivery, alert, subscription;
