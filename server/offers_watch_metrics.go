package main

import "github.com/prometheus/client_golang/prometheus"

// Describe describes nothing: outcomes are known when they come.
func (w *offerWatch) Describe(chan<- *prometheus.Desc) {}

// Collect tells what became of carts at risk since the start.
func (w *offerWatch) Collect(out chan<- prometheus.Metric) {
	desc := prometheus.NewDesc("beckon_offer_triggers_total", "Carts at risk by what became of them.", []string{"outcome"}, nil)
	all := w.outcomes()
	_, all["dropped"] = w.n.carts.Take(nil, 0)
	for outcome, n := range all {
		out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n), outcome)
	}
}
