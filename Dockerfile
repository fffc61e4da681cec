FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /beckon ./server

# glibc, because the embedded ClickHouse engine will need it
FROM debian:bookworm-slim
COPY --from=build /beckon /usr/local/bin/beckon
USER 65532:65532
ENTRYPOINT ["beckon"]
CMD ["serve"]
