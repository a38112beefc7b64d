"""Kubernetes and what feeds it: manifests, plain or as Helm templates, kustomizations, Argo CD and Flux objects."""
