-- Undo: improvement: changes, cycles, verdicts, praise and what worked.
SELECT 1;
