"""YAML as staff wrote it: changed in place, with its comments, order and style."""
