"""What was decided and what waits: outcomes, holds, runs."""
