"""One thin file per job: `run(services) -> int` does what is due and returns how much it did."""
