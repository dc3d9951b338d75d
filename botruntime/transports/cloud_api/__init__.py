"""Meta's Cloud API: Graph, a business token per WhatsApp Business Account."""
