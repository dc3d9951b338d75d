"""Signing up, in and out, and the own account."""
