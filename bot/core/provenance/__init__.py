"""Was a machine involved: trailers, identities, markers, and what was seen before."""
