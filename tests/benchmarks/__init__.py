"""What is measured, and against whom. A package, as no other folder of tests: opacus brings one of the same name."""
