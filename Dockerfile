# `mangosaurus serve` as a user without rights. docs/guides/serving.md says how to build and run it.
FROM python:3.13-slim

# What is installed besides the core: `serve,train` makes the server train networks too, and the image large.
ARG EXTRAS=serve
COPY . /source
RUN pip install --no-cache-dir "/source[$EXTRAS]" && rm -r /source

# The user has one folder, with the models that are kept.
RUN useradd --system --uid 10001 --home-dir /models --shell /usr/sbin/nologin mangosaurus \
    && install --directory --owner mangosaurus /models
USER 10001
WORKDIR /models
VOLUME /models

EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8000/', timeout=4)"]
# Other machines reach it, so it asks for a token: MANGOSAURUS_TOKEN, or --token-file.
ENTRYPOINT ["mangosaurus", "serve", "--host", "0.0.0.0", "--port", "8000", "--keep", "/models"]
