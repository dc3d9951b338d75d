"""Who answers, in order, once."""
