"""What an owner meets on the way from a listing to an answering number: agreement and settings form."""
