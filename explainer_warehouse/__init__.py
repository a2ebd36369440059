"""What the loader, the reports and their users share; imports neither of the two."""
