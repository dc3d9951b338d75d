"""The store process: pages, forms, Embedded Signup and the API. Never touches a message."""
