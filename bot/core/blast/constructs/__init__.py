"""CDK, Pulumi, Bicep and ARM programs, best effort: what they declare, by type and name, without running them."""
