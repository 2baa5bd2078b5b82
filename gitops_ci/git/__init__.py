"""The checkout and its remote: reading blobs, building commits without a working tree, pushing without losing a race."""
