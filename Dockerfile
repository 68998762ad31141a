# syntax=docker/dockerfile:1
# Built on the machine's own processor for any of the two, nothing is emulated:
#   docker build -t activity-connector:0.1.0 .
#   docker buildx build --platform linux/amd64,linux/arm64 -t activity-connector:0.1.0 .
# Both tags follow the patches of .NET 10, as global.json does. The provenance of a release names the digests that it was built with; give them here
# to build the same bytes again.
ARG SDK=mcr.microsoft.com/dotnet/sdk:10.0-noble
# Without a shell, ICU and time zones: the connector is invariant, and all its times are UTC.
ARG RUNTIME=mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled

FROM --platform=$BUILDPLATFORM ${SDK} AS build
ARG TARGETARCH
WORKDIR /src
# What changes seldom is a layer of its own: the packages, as the lock files name them, and .NET's parts for the processor.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY build/ build/
COPY connector/ActivityConnector.csproj connector/packages.lock.json connector/
COPY transforms/ActivityConnector.Transforms.csproj transforms/packages.lock.json transforms/
RUN build/publish "linux-$TARGETARCH"
COPY . .
RUN build/publish "linux-$TARGETARCH" /app && mkdir /data

FROM ${RUNTIME}
LABEL org.opencontainers.image.title="Activity Connector" \
      org.opencontainers.image.description="Brings the audit logs of Intercom and Sequence to Kafka and Elasticsearch: complete, once, as ECS events" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.vendor="Activity Connector"
# .NET sizes its youngest generation by the processor's cache, up to hundreds of megabytes; see docs/operations.md.
ENV DOTNET_GCgen0size=0x1000000
COPY --from=build /app /app
# The embedded journal: data/journal.db of the working directory. A new volume takes its owner from here. It is no VOLUME: one would be made, and be
# writable, also where the journal is in Kafka.
COPY --from=build --chown=1654:1654 /data /data
WORKDIR /
EXPOSE 8080
# The user app of the base image, as a number: Kubernetes can then see that it is not root.
USER 1654:1654
STOPSIGNAL SIGTERM
# Whether the process answers: what acts on this restarts the container, which ends no outage of a vendor or a cluster.
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --start-interval=2s --retries=3 CMD ["/app/activity-connector", "health", "--live"]
ENTRYPOINT ["/app/activity-connector"]
CMD ["run"]
