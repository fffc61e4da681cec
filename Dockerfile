FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /beckon ./server
RUN XDG_CACHE_HOME=/library /beckon engine fetch && mv /library/beckon/*/libchdb.so /libchdb.so

# glibc, because the embedded ClickHouse engine needs it
FROM debian:bookworm-slim
COPY --from=build /beckon /usr/local/bin/beckon
COPY --from=build /libchdb.so /usr/local/lib/beckon/libchdb.so
ENV BECKON_CHDB_LIB=/usr/local/lib/beckon/libchdb.so
USER 65532:65532
ENTRYPOINT ["beckon"]
CMD ["serve"]
