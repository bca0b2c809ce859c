"""How a verdict looks."""
