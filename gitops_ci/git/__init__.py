"""The checkout and its remote: blobs read, commits built beside the working tree, pushes that lose no race."""
