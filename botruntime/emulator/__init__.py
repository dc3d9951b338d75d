"""WhatsApp on localhost: Graph API, Embedded Signup, signed webhooks, phones, mailbox. Reached over HTTP only."""
