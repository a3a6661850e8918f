"""A model outside the installation: what it is asked, when, how often, and what becomes of it.

Optional, off by default, allowed by an owner of each organisation. It sees masked texts alone.
Where it does not answer, our own models' answers stand: nothing waits for it.
"""
