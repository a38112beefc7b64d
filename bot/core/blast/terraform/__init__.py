"""Terraform, OpenTofu and Terragrunt: what a change of a module's files does to the objects it declares."""
