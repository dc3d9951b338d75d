"""The database session of a Flask request, on the tables every process shares."""

from flask_sqlalchemy import SQLAlchemy

from catalog.db import Base

# A bare SQLAlchemy() would bring metadata of its own, without our tables.
db = SQLAlchemy(metadata=Base.metadata)
