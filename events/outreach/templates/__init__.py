"""Changing the words of the built-in letters: for the network or an event, in each language, with all versions."""
