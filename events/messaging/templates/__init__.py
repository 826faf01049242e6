"""The words of the built-in letters: which there are, who changed them, and how a letter is made of them."""
