"""Tables in and out: CSV, XLSX, JSON lines and SAV, with headers and values guessed.

Files from people are hostile until proven otherwise: they are parsed in a child process.
Pure: no Django.
"""
