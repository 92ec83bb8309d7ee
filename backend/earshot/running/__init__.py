"""Running the whole of Earshot on one machine: its own Postgres, the two doors and the worker."""
