"""Evidence to give away: an RO-Crate with its metadata, written and checked."""
