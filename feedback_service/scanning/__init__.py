"""The pipeline: source -> documents -> mentions -> scores -> stories."""
