package evaluation

import (
	"fmt"
	"io"
	"strings"
	"time"

	"beckon/recommender"
)

// Tasks of a baskets measurement.
const (
	CartTask   = "cart"   // context: the rest of the basket
	SingleTask = "single" // context: the query item
)

const basketsTop = 10

// BasketsConfig says what to measure. Zero fields: cart, static, the product's own method.
type BasketsConfig struct {
	Task     string
	Mode     string // Static or Online
	Method   string
	Progress func(done string, count int)
}

// Baskets measures finding the item that was held out of a basket. train holds one basket a line, item ids separated by spaces, oldest
// first. test holds a key, the held-out item, the query item and the rest of the basket, separated by tabs. Both plain or gzip.
func Baskets(cfg BasketsConfig, train, test io.Reader) (BasketsResult, error) {
	task, err := oneOf("task", cfg.Task, CartTask, SingleTask)
	if err != nil {
		return BasketsResult{}, err
	}
	mode, err := oneOf("mode", cfg.Mode, Static, Online)
	if err != nil {
		return BasketsResult{}, err
	}
	method, err := oneOf("method", cfg.Method, recommender.BasketMethods()...)
	if err != nil {
		return BasketsResult{}, err
	}
	run := basketsRun{model: recommender.NewBasketModel(method, unbounded), tally: newTally(), task: task, mode: mode}
	if err := eachLine(train, "learned", cfg.Progress, func(line string) error {
		run.tally.learn(strings.Fields(line), run.model.Learn)
		return nil
	}); err != nil {
		return BasketsResult{}, fmt.Errorf("training baskets: %w", err)
	}
	if err := eachLine(test, "predicted", cfg.Progress, run.basket); err != nil {
		return BasketsResult{}, fmt.Errorf("test baskets: %w", err)
	}
	t := run.tally
	return BasketsResult{
		Kind: "baskets", Task: task, Mode: mode, N: t.n, HR: t.share(float64(t.hits)), MRR: t.share(t.mrr), NDCG: t.share(t.ndcg),
		Coverage: t.coverage(), P50: t.quantile(0.5), P99: t.quantile(0.99), Learn: t.perClick(), Bytes: run.model.Bytes(),
	}, nil
}

type basketsRun struct {
	model     *recommender.BasketModel
	predictor recommender.BasketPredictor
	list      []recommender.Prediction
	tally     *tally
	task      string
	mode      string
}

func (r *basketsRun) basket(line string) error {
	fields := strings.Split(line, "\t")
	if len(fields) != 4 {
		return fmt.Errorf("%d fields, want key, held-out item, query item, rest", len(fields))
	}
	held, rest := fields[1], strings.Fields(fields[3])
	context := rest
	if r.task == SingleTask {
		context = []string{fields[2]}
	}
	start := time.Now()
	r.list = r.model.Together(r.list[:0], &r.predictor, context, basketsTop)
	took := time.Since(start)
	r.tally.predicted(took, r.tally.rank(r.list, held))
	if r.mode == Online {
		r.tally.learn(append(rest, held), r.model.Learn)
	}
	return nil
}
