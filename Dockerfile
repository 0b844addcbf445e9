# The page for strangers, on a processor: slim, without root's rights, one volume for the runs.
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 \
    GANMODEL_RUNS=/runs GANMODEL_HOSTED=1 \
    XDG_CACHE_HOME=/runs/.cache

WORKDIR /app
COPY requirements.txt .
# Without a graphics card, give the index of PyTorch's CPU builds: a fraction of the size.
ARG TORCH_INDEX=""
RUN pip install ${TORCH_INDEX:+--extra-index-url "$TORCH_INDEX"} -r requirements.txt

COPY app.py README.md LICENSE pyproject.toml ./
COPY ganmodel ganmodel
COPY weights weights

RUN useradd --create-home --uid 1000 visitor && mkdir /runs && chown visitor /runs
USER visitor
VOLUME /runs
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/healthz', timeout=4)"]
STOPSIGNAL SIGTERM
CMD ["python", "app.py"]
