"""Solves prolongation problems: numerics, store, queue and workers. Importing this costs nothing."""
