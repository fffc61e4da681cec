package main

import (
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"beckon/web"
)

func (n *node) getHealth(c *fiber.Ctx) error {
	return respond(c, 200, map[string]any{"status": "alive", "version": version, "durability": "fsync before the answer", "beacon_integrity": web.BeaconSRI()})
}

// getReady is 200 only between "caught up" and "closing"; otherwise it says why not.
func (n *node) getReady(c *fiber.Ctx) error {
	reasons := n.notReady()
	if len(reasons) == 0 {
		return respond(c, 200, map[string]any{"status": "ready"})
	}
	return respond(c, 503, map[string]any{
		"error":   map[string]string{"code": "not_ready", "message": reasons[0]},
		"reasons": reasons,
	})
}

func (n *node) notReady() []string {
	var reasons []string
	switch n.phase.Load() {
	case phaseStarting:
		reasons = append(reasons, "starting: folds are catching up")
	case phaseClosing:
		reasons = append(reasons, "closing")
	}
	for _, f := range n.runner.Failures() {
		reasons = append(reasons, "fold "+f.Name+" stopped: "+f.Err.Error())
	}
	if err := n.events.Err(); err != nil {
		reasons = append(reasons, "events log: "+err.Error())
	}
	if err := n.shop.Err(); err != nil {
		reasons = append(reasons, err.Error())
	}
	return reasons
}

// failureNotice is how often failures to store are written to the server's own log: a full disk fails every request.
const failureNotice = 10 * time.Second

// cannotStore answers for a log that takes nothing now. Why stands in the server's log and on /readyz, not in the answer to a shopper.
func (n *node) cannotStore(err error) error {
	n.storeFailures.Add(1)
	now := n.now().UnixNano()
	if last := n.lastFailure.Load(); now-last > int64(failureNotice) && n.lastFailure.CompareAndSwap(last, now) {
		n.out.Error("cannot store", "error", err)
	}
	return overloaded(5*time.Second, "nothing can be stored now; try again later")
}

// opsHandler serves what only operators may see: metrics, profiles, and the commands that change a running installation.
func (n *node) opsHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(n.metrics(), promhttp.HandlerOpts{}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("POST /operate", n.operateOverHTTP)
	return mux
}

// metrics reads the parts when Prometheus asks; nothing is counted twice for it.
func (n *node) metrics() *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	counter := func(name, help string, f func() int64) {
		reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "beckon", Name: name, Help: help}, func() float64 { return float64(f()) }))
	}
	gauge := func(name, help string, f func() float64) {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "beckon", Name: name, Help: help}, f))
	}
	counter("events_received_total", "Events decoded, of all sites.", func() int64 { return n.ledger("").Received })
	counter("events_stored_total", "Events appended to the log.", func() int64 { return n.ledger("").Stored })
	counter("events_duplicate_total", "Events whose id was seen before.", func() int64 { return n.ledger("").Duplicates })
	counter("events_rejected_total", "Events refused.", func() int64 { return n.ledger("").Rejected })
	counter("events_late_total", "Events stored too late for live state.", func() int64 { return n.ledger("").Late })
	counter("impressions_dropped_total", "Impressions not logged because the queue was full.", n.impressions.dropped.Load)
	counter("impressions_failed_total", "Impressions not logged because the append failed.", n.impressions.failed.Load)
	counter("store_failures_total", "Requests refused because the log could not take them.", n.storeFailures.Load)
	counter("handler_panics_total", "Requests that met a bug of the server and were answered with 500.", n.panics.Load)
	gauge("ready", "1 when /readyz answers 200.", func() float64 {
		if len(n.notReady()) == 0 {
			return 1
		}
		return 0
	})
	for _, name := range n.runner.FoldNames() {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Namespace: "beckon", Name: "fold_lag_records", Help: "Durable records a fold has not applied.", ConstLabels: prometheus.Labels{"fold": name},
		}, func() float64 { return float64(n.runner.Lag(name)) }))
	}
	n.history.metrics(counter, gauge)
	n.shopMetrics(counter, gauge)
	reg.MustRegister(n.offerWatch)
	gauge("erasures_waiting", "Visitors whose erasure is not complete.", func() float64 { return float64(n.eraser.state().Waiting) })
	gauge("erasures_oldest_seconds", "How long ago the first of them was asked for.", func() float64 {
		if s := n.eraser.state(); s.Waiting > 0 {
			return n.now().Sub(time.UnixMilli(s.Since)).Seconds()
		}
		return 0
	})
	gauge("sockets", "Open WebSocket connections.", func() float64 { return float64(n.hub.Stats().Connections) })
	counter("push_frames_total", "Frames sent to sockets.", func() int64 { return int64(n.hub.Stats().Frames) })
	counter("push_slow_closed_total", "Sockets closed because they read too slowly.", func() int64 { return int64(n.hub.Stats().Slow) })
	return reg
}
