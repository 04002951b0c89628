"""Rules of medical and pension cover (三(三))."""
