"""Tests in a real browser. A package of its own: its browser is closed before other tests use asyncio."""
