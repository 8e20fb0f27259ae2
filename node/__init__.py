"""One hospital: its images, its readers, its wall."""
