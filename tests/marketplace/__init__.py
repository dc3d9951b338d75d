"""Tests of the store process."""
