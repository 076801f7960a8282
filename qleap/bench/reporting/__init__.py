"""The report: what it says, as plain values, and how it is drawn."""
