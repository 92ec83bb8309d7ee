-- Alerts: who wants to know of what, who was told, and who answers for what is urgent.
SELECT 1;
