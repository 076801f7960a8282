"""What all domains share, and nothing that knows a domain."""
