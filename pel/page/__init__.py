"""The page Forecasts in Airflow's UI."""
