"""One module (or package) per area of the store; each has a ``bp``."""
