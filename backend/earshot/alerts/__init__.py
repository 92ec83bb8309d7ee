"""Alerts: a signal, a subscription and a person, and the clock of what is urgent."""
