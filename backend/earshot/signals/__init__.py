"""Signals: detectors that say early that a count has changed, what they found, and how often they are wrong by chance."""
