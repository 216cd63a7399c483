# One image for web, workers and migrations: the command chooses.
FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps -r requirements.lock

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GREENROOM_MODE=production \
    GREENROOM_HOST=0.0.0.0 \
    GREENROOM_PORT=8080 \
    GREENROOM_DATA_DIR=/data \
    GREENROOM_DEMO=off \
    GREENROOM_LOG=json
RUN groupadd --system --gid 10001 greenroom \
    && useradd --system --uid 10001 --gid greenroom --home-dir /data --shell /usr/sbin/nologin greenroom \
    && install -d -o greenroom -g greenroom -m 0700 /data
WORKDIR /app
COPY --from=build /venv /venv
COPY service ./service
COPY workers ./workers
COPY LICENSE README.md ./
RUN python -m compileall -q service workers
USER 10001:10001
VOLUME /data
EXPOSE 8080
# Web containers are healthy when they are alive; workers override this in docker-compose.yml.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8080/healthz', timeout=2)"]
ENTRYPOINT ["python", "-m", "service.cli"]
CMD ["serve"]
