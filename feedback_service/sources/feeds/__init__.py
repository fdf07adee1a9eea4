"""Feeds: RSS, Atom, RDF and JSON to items, quickly where that is certain, leniently elsewhere."""
