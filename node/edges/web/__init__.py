"""The node's page and its API: who asks is proven, the request parsed, one flow called, its answer translated."""
