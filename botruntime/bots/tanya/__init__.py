"""TANYA: answers the questions everybody asks, keeps those nobody answered, catches leads, calls a person."""
