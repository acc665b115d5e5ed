"""What machines ask an installation: is it well, and how much of what. Plain Django views that a project mounts."""
