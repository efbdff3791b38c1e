"""Decision trees (CART)."""
