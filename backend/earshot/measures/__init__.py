"""Measures: counts by organisation, measure and period, and the charts that say whether something changed."""
