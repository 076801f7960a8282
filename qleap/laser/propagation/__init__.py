"""The propagation equation, its parts, and the doors to it."""
