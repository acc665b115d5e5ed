"""What support staff do for customers, and how they find them."""
