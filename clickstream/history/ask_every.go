package history

import (
	"context"
	"time"
)

// Question is any question, asked as a dashboard would.
type Question struct {
	Name string
	Ask  func(ctx context.Context, q *Questions) (any, error)
}

func of[A, R any](name string, ask A, f func(q *Questions, ctx context.Context, ask A) (R, error)) Question {
	return Question{name, func(ctx context.Context, q *Questions) (any, error) { return f(q, ctx, ask) }}
}

// EveryQuestion asks everything of a scope, for tests and for measuring; the timeline is BenchVisitor's. It leaves out what a question has
// no meaning for.
func EveryQuestion(s Scope) []Question {
	plain := s
	plain.Fast = false
	noDevice, noSource := s, plain
	noDevice.Device, noSource.Source = "", ""
	return []Question{
		of("funnel", FunnelAsk{Scope: s, Steps: []string{"view_item", "add_to_cart", "purchase"}}, (*Questions).Funnel),
		of("funnel by device", FunnelAsk{Scope: s, Steps: []string{"view_item", "add_to_cart", "purchase"}, By: ByDevice}, (*Questions).Funnel),
		of("paths", PathsAsk{Scope: s}, (*Questions).PathsBeforePurchase),
		of("path tree", PathsAsk{Scope: s, Length: 5, Tree: true}, (*Questions).PathsBeforePurchase),
		of("conversion", ConversionAsk{Scope: noDevice}, (*Questions).Conversion),
		of("conversion by day", ConversionAsk{Scope: noDevice, Days: true}, (*Questions).Conversion),
		of("revenue", RevenueAsk{Scope: s}, (*Questions).Revenue),
		of("average order", AverageAsk{Scope: s}, (*Questions).AverageOrder),
		of("retention by week", RetentionAsk{Scope: s, Interval: Week}, (*Questions).Retention),
		of("retention, ever", RetentionAsk{Scope: s, Interval: Week, Ever: true}, (*Questions).Retention),
		of("top items", TopItemsAsk{Scope: plain}, (*Questions).TopItems),
		of("coverage", CoverageAsk{Scope: plain}, (*Questions).Coverage),
		of("rising items", RisingItemsAsk{Scope: plain}, (*Questions).RisingItems),
		of("searches", SearchesAsk{Scope: s}, (*Questions).Searches),
		of("searches for nothing", SearchesAsk{Scope: s, Nothing: true}, (*Questions).Searches),
		of("affinity", AffinityAsk{Scope: s}, (*Questions).Affinity),
		of("quality", QualityAsk{Scope: noSource}, (*Questions).Quality),
		of("timeline", TimelineAsk{Scope: s, Visitor: BenchVisitor}, (*Questions).Timeline),
		{"rows", func(ctx context.Context, q *Questions) (any, error) {
			rows, err := q.Rows(ctx, time.Second)
			return rows[s.Site], err
		}},
	}
}
