"""P-EL on one machine: embedded Postgres and Airflow under a supervisor, for someone who has only Python."""
