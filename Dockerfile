# One image for web, worker and beat; docker-compose.yml says which command each one runs.

FROM python:3.11-slim-bookworm AS dependencies
COPY requirements.lock .
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
# The lock also holds what only developers need (pyproject.toml, extra "dev"; kept equal by a test).
RUN /opt/venv/bin/pip uninstall --yes \
    aiosmtpd pytest pytest-django pytest-xdist playwright axe-playwright-python time-machine hypothesis ruff djlint import-linter

# Fandol (仿宋, 楷体, 黑体): the package is unpacked, TeX is not installed.
FROM python:3.11-slim-bookworm AS fonts
WORKDIR /fonts
RUN apt-get update \
 && apt-get download -o APT::Sandbox::User=root texlive-lang-chinese \
 && dpkg-deb --fsys-tarfile texlive-lang-chinese_*.deb | tar -x --wildcards '*/fandol/*' \
 && find . -name 'Fandol*.otf' -exec mv -t . {} + \
 && ls FandolFang-Regular.otf FandolKai-Regular.otf FandolHei-Regular.otf

FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk \
    postgresql-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /data app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data
COPY --from=dependencies /opt/venv /opt/venv
WORKDIR /app
COPY . .
COPY --from=fonts /fonts/FandolFang-Regular.otf /fonts/FandolKai-Regular.otf /fonts/FandolHei-Regular.otf /data/fonts/
# Static files and fonts belong to the image and only uploads to a volume, so a new image brings its own.
RUN SECRET_KEY=only-while-building-the-image-never-to-sign-anything python manage.py collectstatic --no-input --verbosity 0 \
 && mkdir -p /backups /data/audit \
 && chown -R app:app /data /backups
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "--config", "config/gunicorn.py", "--bind", "0.0.0.0:8000", "config.wsgi:application"]
