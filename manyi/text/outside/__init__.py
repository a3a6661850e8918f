"""What a model outside the installation is asked, and what of its answers is believed.

Pure: questions are values that somebody else sends, answers are text that somebody else fetched.
An answer is a claim by a stranger: it is read against a schema, what it says of a text has to
stand in that text, and what does not is thrown away.
"""
