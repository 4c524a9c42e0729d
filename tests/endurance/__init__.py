"""Long runs under load: nothing is lost, and the screen stays usable."""
