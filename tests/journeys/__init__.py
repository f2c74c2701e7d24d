"""The whole desk, driven through HTTP as a script drives it."""
