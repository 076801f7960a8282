"""What was measured, stored for good: a chain of hashes, its mirror, its trends."""
