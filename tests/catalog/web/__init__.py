"""Tests of the shared web layer."""
