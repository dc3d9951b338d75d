"""The ways a version runs: one contract, one module each."""
