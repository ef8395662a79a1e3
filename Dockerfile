FROM python:3.11-slim AS packages
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
    --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.11-slim
RUN useradd --system --uid 10001 --no-create-home bot && install -d -o bot -m 700 /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/bot
COPY . .
RUN python -m compileall -q bot handlers models migrations
# The database and its key live in the volume: keep both, and apart.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/bot.db \
    LISTEN=0.0.0.0:8080
USER bot
VOLUME /data
EXPOSE 8080
CMD ["python", "-m", "bot", "run"]
