"""What is counted against whom, and until when; nothing of it is counted or written by looking."""
