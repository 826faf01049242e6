# The service in two steps: built with everything that building needs, run with nothing but Python.
ARG PYTHON=3.13-slim

FROM python:${PYTHON} AS build
RUN pip install --no-cache-dir uv
WORKDIR /source
COPY . .
ENV UV_PROJECT_ENVIRONMENT=/opt/sixnet UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN uv sync --no-dev --no-editable --compile-bytecode

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --create-home --home-dir /data sixnet
COPY --from=build /opt/sixnet /opt/sixnet
ENV PATH=/opt/sixnet/bin:$PATH SIXNET_DATA_DIR=/data PYTHONUNBUFFERED=1
USER sixnet
WORKDIR /data
VOLUME /data
EXPOSE 8000
# One signal is enough: the command lets every job in hand finish.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["sixnet"]
CMD ["serve", "--host", "0.0.0.0", "--with-worker"]
