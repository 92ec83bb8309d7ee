"""Quality dashboards: the same pages from ward to board, small numbers hidden."""
