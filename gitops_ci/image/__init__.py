"""What an image is: its reference, its versions, the registry that has it."""
