"""Embedded Signup: Meta's window in the owner's browser, and the steps that turn its code into a live number.

The browser's half ends with a code that lives 30 seconds; ``exchange`` turns it into a sealed token within the
request. Everything after it is ``machine.advance``, a job that any process may repeat at any time.
"""
