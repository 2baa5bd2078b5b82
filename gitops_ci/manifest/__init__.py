"""What a manifest is: where its images stand, and how one is changed without touching another byte.

Pure: nothing here does input or output beyond the bytes it is given (``scan`` reads files, ``write``
writes them; both are plain).
"""
