"""The routes, one module per station of the street."""
