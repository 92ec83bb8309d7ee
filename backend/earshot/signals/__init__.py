"""Signals: detectors that say early that a count has changed, what they found, and how often chance does the same."""
