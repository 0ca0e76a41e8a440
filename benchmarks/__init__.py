"""What the speed claims rest on: a stub upstream, a synthetic catalogue, and one command a measure."""
