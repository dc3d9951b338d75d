"""The desk: where the people of a business see what their bots do."""
