"""One test for each binding and each command of the palette: its keys are pressed and the effect is seen."""
