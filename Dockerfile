# syntax=docker/dockerfile:1
# Two images from one build: `service` answers HTTP, `worker` runs the searches.
#   docker build --target service -t prolong-service .
#   docker build --target worker  -t prolong-worker  .

FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /opt/prolong
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY client client
COPY service service
COPY worker worker
# Neither image trains: torch, the one large dependency, stays out of both.
RUN /opt/prolong/bin/pip install -c constraints.txt '.[service]' && /opt/prolong/bin/python -m compileall -q /opt/prolong

FROM python:3.11-slim AS base
ENV PATH=/opt/prolong/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --create-home --uid 10001 prolong
COPY --from=build /opt/prolong /opt/prolong
USER prolong
WORKDIR /home/prolong

FROM base AS service
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["prolong", "health", "--url", "http://127.0.0.1:8000"]
CMD ["prolong", "serve", "--host", "0.0.0.0", "--port", "8000"]

FROM base AS worker
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["prolong", "worker", "--check"]
# SIGTERM lets a running search finish or goes back to the queue; see stop_grace_period in docker-compose.yml.
CMD ["prolong", "worker"]
