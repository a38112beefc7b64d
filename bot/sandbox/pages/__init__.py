"""The pages of the embedded GitHub: what a visitor sees and can do by hand."""
