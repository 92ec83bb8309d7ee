"""Speaking up: cases that only their handlers and the person who spoke can read, from the report to its outcome."""
