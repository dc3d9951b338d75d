"""Businesses and teams."""
