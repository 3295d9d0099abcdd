"""What lasts while the app runs: dataset, trainings, person. It knows no widget."""
