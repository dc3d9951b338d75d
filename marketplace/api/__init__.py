"""The store for programs: the acts of the pages as JSON, with personal tokens and an OpenAPI document."""
