"""Files of the lake as columns of small codes, mapped into memory and counted by numpy.

`layout` lays a file's columns out, `words` gives all files of an organisation the same codes,
`parts` opens them, `frame` picks the rows that a question means, `counting` counts them.
"""
