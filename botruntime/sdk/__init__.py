"""What a bot author imports; knows no database and no network; also installable alone."""
