"""What people and Apps do on the embedded GitHub: each changes the state and tells the Apps."""
