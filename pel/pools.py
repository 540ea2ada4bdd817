"""Airflow's pools: how many training tasks run at once, wherever they run.

A task waits for ever where its pool is missing, so every installation makes both.
"""

# Training side by side on few cores takes several times as long as one after the other.
TRAINING_POOL = "training"
# As large as there are GPUs. Where there is none, its tasks run on the CPU, beside those of the other pool.
GPU_POOL = "gpu"

DESCRIPTIONS = {
    TRAINING_POOL: "Training: as many at once as the cores bear",
    GPU_POOL: "Training on a GPU: as many at once as there are GPUs",
}
