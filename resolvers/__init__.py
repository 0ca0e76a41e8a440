"""How each edge is answered, a whole layer at a time: layer functions over records and loaders."""
