"""Meta's Graph API as the store uses it: bringing a number in and letting it go. Sends no message."""

from marketplace.graph.calls import Graph
from marketplace.graph.errors import GraphError

__all__ = ["Graph", "GraphError"]
