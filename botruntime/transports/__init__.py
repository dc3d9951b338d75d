"""The wires, both directions: one folder per transport, one contract (`base`)."""
