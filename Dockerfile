# Two stages: wheels, then a small image that runs as an ordinary user.

FROM python:3.13-slim-bookworm AS wheels
COPY requirements.txt .
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels -r requirements.txt

FROM python:3.13-slim-bookworm
RUN useradd --uid 10001 --create-home reelay \
    && install -d -o reelay /app /var/lib/reelay
RUN --mount=from=wheels,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --no-deps /wheels/*.whl
WORKDIR /app
COPY --chown=root:root . .
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 REELAY_VAR=/var/lib/reelay
# The static files are part of the image; the settings they need are harmless ones.
RUN DATABASE_URL=postgresql://build REDIS_URL=redis://build SECRET_KEY=only-for-building-static-files \
    REELAY_VAR=/tmp/build SANDBOX=1 python manage.py collectstatic --noinput --verbosity 0 \
    && mv /tmp/build/static /app/staticfiles
ENV STATIC_ROOT=/app/staticfiles
USER reelay
EXPOSE 8000
CMD ["gunicorn", "config.wsgi:application", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", \
     "--workers", "2", "--threads", "8", "--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30"]
