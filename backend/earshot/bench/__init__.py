"""Measurements that anybody can repeat: each compares two things in one run, since machines are noisy."""
