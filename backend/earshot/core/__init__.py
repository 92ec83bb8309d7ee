"""What every room stands on: settings, database, keys, work queue, errors and the web boundary."""
