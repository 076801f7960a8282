"""From records to verdicts, gates and decisions by the rules of a policy."""
