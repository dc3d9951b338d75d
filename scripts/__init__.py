"""The launcher, the supervisor and the `pasarbot` command. Outside the laws on imports and os.environ."""
