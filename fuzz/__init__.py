"""Coverage-guided fuzzing of what strangers write; `make fuzz` runs it, README.md tells how."""
