"""The HTTP service, and the whole stack on one machine. Importing this costs nothing."""
