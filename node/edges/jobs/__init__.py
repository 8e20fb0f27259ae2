"""The jobs process: leases durable jobs, runs them through flows, and does the chores that come round by the clock."""
