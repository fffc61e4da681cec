package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/web"
)

const (
	loadConnections = 64
	loadTurns       = 5
)

// benchCollector measures durable acknowledgements against the same Fiber app that throws bodies away.
func benchCollector(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.serve(ctx, "collector")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		return nil, err
	}
	bare := fiber.New(fiberConfig())
	bare.Post("/v1/events", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusAccepted) })
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	served := make(chan error, 1)
	go func() { served <- bare.Listener(ln) }()
	defer func() {
		bare.Shutdown()
		<-served
	}()

	turn := b.scale(3 * time.Second)
	var seq atomic.Uint64
	var ours, theirs, oursCPU, theirsCPU, p50, p99 []float64
	for range loadTurns {
		begin := processorTime()
		rate, took, err := eventLoad(ln.Addr().String(), s.public, loadConnections, &seq).run(ctx, turn)
		if err != nil {
			return nil, err
		}
		theirs, theirsCPU = append(theirs, rate), append(theirsCPU, micros(processorTime()-begin)/float64(len(took)))
		begin = processorTime()
		rate, took, err = eventLoad(s.addr(), s.public, loadConnections, &seq).run(ctx, turn)
		if err != nil {
			return nil, err
		}
		ours, oursCPU = append(ours, rate), append(oursCPU, micros(processorTime()-begin)/float64(len(took)))
		p50 = append(p50, micros(quantile(took, .5))/1000)
		p99 = append(p99, micros(quantile(took, .99))/1000)
	}
	rate, cost := quantile(ours, .5), quantile(oursCPU, .5)
	return []figure{
		atLeast("rate against the bare app", rate/quantile(theirs, .5), "×", 0.45),
		atLeast("the same by processor time", quantile(theirsCPU, .5)/cost, "×", 0),
		atLeast("durable POSTs", rate, "/s", 0),
		atLeast("durable events", 5*rate, "/s", 0),
		atLeast("bare app", quantile(theirs, .5), "/s", 0),
		atMost("processor time of a POST, both ends", cost, "µs", 0),
		atMost("POST p50", quantile(p50, .5), "ms", 0),
		atMost("POST p99", quantile(p99, .5), "ms", 0),
	}, nil
}

// benchImport measures import lines from the first byte sent to applied by every fold.
func benchImport(ctx context.Context, b *bench) ([]figure, error) {
	s, err := b.serve(ctx, "import")
	if err != nil {
		return nil, err
	}
	defer s.stop()
	if err := s.putItems(ctx, numberedItems(listed)); err != nil {
		return nil, err
	}
	n := b.count(3_000_000)
	begin, busy := time.Now(), processorTime()
	if err := s.importViews(ctx, live(n, 200_000, listed)); err != nil {
		return nil, err
	}
	acked := time.Since(begin)
	if err := s.settled(ctx); err != nil {
		return nil, err
	}
	whole := time.Since(begin)
	return []figure{
		atLeast("events through every fold", float64(n)/whole.Seconds(), "/s", 250_000),
		atLeast("events acknowledged", float64(n)/acked.Seconds(), "/s", 0),
		atMost("processor time of an event, both ends", micros(processorTime()-busy)/float64(n), "µs", 0),
	}, nil
}

// benchStart measures an empty folder to ready, and sizes.
func benchStart(ctx context.Context, b *bench) ([]figure, error) {
	var starts []float64
	for i := range 5 {
		begin := time.Now()
		dir := filepath.Join(b.dir, fmt.Sprint("start", i))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		s := &benchServer{dir: dir}
		if err := s.start(ctx, b.e); err != nil {
			return nil, err
		}
		starts = append(starts, time.Since(begin).Seconds())
		if err := s.stop(); err != nil {
			return nil, err
		}
	}
	name, err := os.Executable()
	if err != nil {
		return nil, err
	}
	st, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	core, full := len(web.BeaconCore().Gzip), len(web.Beacon().Gzip)
	return []figure{
		atMost("empty to ready", quantile(starts, .5), "s", 1),
		atMost("binary", float64(st.Size())/1e6, "MB", 60),
		atMost("beacon without widgets, gzip", float64(core)/1024, "KB", 4),
		atMost("beacon with widgets, gzip", float64(full)/1024, "KB", 7.5),
	}, nil
}
