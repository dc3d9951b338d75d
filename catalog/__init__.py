"""The shared record: who, what, where and what it came to, with the rules as verbs on the models."""
