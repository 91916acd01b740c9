"""What the steps of every family share."""
