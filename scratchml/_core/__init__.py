"""Floor 0: the ground that every algorithm stands on (compiler, threads, validation, protocol)."""
