"""Tools for whoever writes a bot: begin one, check it, talk to it, put the house's own on the shelf."""
