"""The message process: door, turns, outbox, transports, bots and the SDK they are written with."""
