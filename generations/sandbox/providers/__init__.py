"""The companies the sandbox plays. A new one is a file with a Player, and a line in `cast`."""
