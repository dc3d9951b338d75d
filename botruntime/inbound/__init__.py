"""The door: verify, keep, acknowledge."""
