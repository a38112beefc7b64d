"""An embedded GitHub for trying and testing the App; it imports nothing of ours."""
