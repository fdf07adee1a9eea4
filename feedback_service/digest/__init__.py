"""The weekly digest: periods, contents, delivery."""
