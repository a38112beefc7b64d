"""A local git repository read into the types of the judgement; git itself does the reading."""
