"""What an organisation asks: typed policy, strict YAML, merging, requirements."""
