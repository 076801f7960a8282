"""Programs beside each other: in pairs, in live workers, as revisions or runs."""
