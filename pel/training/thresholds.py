"""The thresholds of training, each with its reason."""

# A hundred newly rated films are what a few weeks bring; fewer cannot move a fit on thousands.
MIN_NEW_FILMS = 100
# In a small catalogue that would be years.
MIN_NEW_SHARE = 0.05
# Tastes move on, and histories with them, also where few films are rated.
MAX_AGE_DAYS = 365
# The held-out window: long enough for all seasons twice, short enough to speak of today.
HELD_OUT_YEARS = 2
# With fewer films than these the figures would be noise, and so would the model.
MIN_TRAINING_FILMS = 200
MIN_HELD_OUT_FILMS = 30
# Cut-offs closer than this to the held-out window would make a fold of a season.
MIN_FOLD_DAYS = 180
# A weekend, and a day to decide. Candidates of later nights are not made while one waits.
MAX_WAIT_DAYS = 3
# Half a year of models is what anyone looks back on; a fit is some ten megabytes, and there is one a night at most.
KEEP_DAYS = 180
# As many steps back as an operator would try.
KEEP_CHAMPIONS = 5
# A run that is red may be cleared within this time; then what it left is of no use.
LEFTOVER_DAYS = 14
# Population stability index: below 0.1 nothing is said to have changed, from 0.25 on something has. Between samples of
# as few films as these, of one population, it is 0.1 by chance.
STABILITY = 0.25
MIN_POPULATION = 100
# How many times the held-out error: half again as large. On 30 films, the fewest, chance makes it a sixth larger.
FORWARD_ERROR = 1.5
# Drift does not go away by itself: without a pause there would be a fit every night for it.
DRIFT_DAYS = 30
