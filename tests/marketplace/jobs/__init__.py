"""The queue, the worker, the sweep."""
