-- Improvement: changes, cycles, verdicts, praise and what worked.
SELECT 1;
