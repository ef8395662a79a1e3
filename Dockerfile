# The image has Debian's Python, the packages and the bot: no shell, no compiler, no pip.
FROM debian:12.12-slim AS built
RUN apt-get update \
 && apt-get install -y -qq --no-install-recommends binutils ca-certificates python3-venv
WORKDIR /debian
RUN apt-get download -qq libbz2-1.0 libc6 libcrypt1 libexpat1 libffi8 libgcc-s1 liblzma5 libsqlite3-0 \
    libssl3 libstdc++6 libuuid1 zlib1g libpython3.11-minimal libpython3.11-stdlib python3.11-minimal \
    netbase \
 && for package in *.deb; do dpkg -x "$package" /image; done \
 && rm -r /image/usr/share /image/usr/lib/*/gconv
WORKDIR /image
RUN install -d -m 1777 tmp \
 && install -d -m 700 -o 10001 -g 10001 data \
 && install -D -m 644 /etc/ssl/certs/ca-certificates.crt etc/ssl/certs/ca-certificates.crt \
 && echo 'hosts: files dns' > etc/nsswitch.conf \
 && echo 'bot:x:10001:10001::/data:/' > etc/passwd \
 && echo 'bot:x:10001:' > etc/group
WORKDIR /image/srv/bot
COPY requirements.lock .
RUN python3.11 -m venv /opt/pip \
 && python3.11 -m venv --without-pip /image/opt/venv \
 && /opt/pip/bin/pip --python /image/opt/venv/bin/python install --no-cache-dir --no-compile \
    --disable-pip-version-check --require-hashes --only-binary :all: -r requirements.lock
COPY . .
RUN python3.11 deploy/slim.py /image/opt/venv locales && rm -r deploy requirements.lock
# What runs is compiled by running it; that the image works is seen by the way.
RUN export PYTHONPATH=/srv/bot DATABASE_URL=sqlite+aiosqlite:////tmp/first/bot.db \
 && chroot /image /opt/venv/bin/python -c 'import asyncpg, bot.pulse, redis.asyncio, typst' \
 && chroot /image /opt/venv/bin/python -m bot import /srv/bot/examples/sac-2024.yaml \
 && rm -r /image/tmp/first

FROM scratch
COPY --from=built /image /
WORKDIR /srv/bot
# The database and its key live in the volume: keep both, and apart.
ENV PATH=/opt/venv/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DATABASE_URL=sqlite+aiosqlite:////data/bot.db \
    LISTEN=0.0.0.0:8080
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-S", "-m", "bot.pulse"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
