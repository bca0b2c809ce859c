"""What a class got, as each learning platform takes it back."""
