"""What customers speak of: themes, where they hurt, and the words they use."""
