"""What may be sent, when, how fast: from the outbox to a transport, and the statuses that come back."""
