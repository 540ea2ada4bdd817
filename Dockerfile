# The image of every service of Airflow in docker-compose.yml: Airflow's own, without its providers, and P-EL.
FROM apache/airflow:slim-3.3.2-python3.11

# Which build of torch: cpu, or a CUDA version such as cu130, which is gigabytes larger.
ARG TORCH_BACKEND=cpu

# The base image runs as airflow, and so does all of this. What is installed here is what the tests ran on.
COPY requirements-cluster.txt /tmp/requirements.txt
RUN uv pip install --no-cache --compile-bytecode --torch-backend="${TORCH_BACKEND}" --requirements /tmp/requirements.txt

COPY --chown=0:0 . /opt/pel
ENV PYTHONPATH=/opt/pel

# Volumes that are mounted here belong to airflow from the start.
USER 0
RUN install --directory --owner=airflow --group=0 --mode=0750 \
        /var/lib/pel /var/lib/pel/artifacts /var/lib/pel/login /var/lib/pel/logs
USER 50000:0

# Not the base image's own, which waits for Airflow's database: workers have no password of it.
ENTRYPOINT ["/usr/bin/dumb-init", "--"]
CMD ["airflow", "info"]

# Of the api-server; docker-compose.yml gives the other services theirs.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=5 \
    CMD ["curl", "--fail", "--silent", "--output", "/dev/null", "http://127.0.0.1:8080/api/v2/version"]
