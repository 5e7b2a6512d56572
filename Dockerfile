# The program with everything in it: scenarios, the service, load tests.
#
#   docker build -t lamplighter .
#   docker run --rm -v "$PWD:/work:ro" lamplighter scenario /work/scenarios
#   docker run --rm -p 8080:8080 -v lamplighter:/var/lib/lamplighter lamplighter \
#     serve --listen 0.0.0.0:8080 --store /var/lib/lamplighter/service.db
FROM rust:1.89-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --features full --bin lamplighter

# A shell is in it, which the Job of docs/kubernetes/job.yaml needs.
FROM debian:bookworm-slim
# Authorities to trust with https.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --user-group --create-home --home-dir /var/lib/lamplighter lamplighter
COPY --from=build /src/target/release/lamplighter /usr/local/bin/lamplighter
# By its number, so that Kubernetes can see that it is not root.
USER 10001:10001
WORKDIR /var/lib/lamplighter
ENTRYPOINT ["lamplighter"]
CMD ["--help"]
