"""The GraphQL API: resolvers over the model, executed on a schema of ours or on GitHub's published one."""
