"""The inbox of every voice, and the page of one."""
