"""The few ideas that every floor shares. Pure: no Django, no input or output, no clock."""
