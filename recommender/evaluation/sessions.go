package evaluation

import (
	"fmt"
	"io"
	"strings"
	"time"

	"beckon/recommender"
)

// Modes of a measurement.
const (
	Static    = "static"    // nothing of the test file is learned
	Online    = "online"    // each test session or basket is learned after its last prediction
	Discovery = "discovery" // sessions, static: only targets that are not in the prefix, and no item of the prefix is answered
)

const sessionsTop = 20

// SessionsConfig says what to measure. Zero fields: static, prefixes from 1, the product's own method.
type SessionsConfig struct {
	Mode      string
	MinPrefix int
	Method    string
	Progress  func(done string, count int) // now and then: "learned" or "predicted", and how many sessions
}

// progressEvery is how many lines lie between two calls of Progress.
const progressEvery = 1000

// Sessions measures next-item prediction: for each test session of length L and each prefix of MinPrefix to L-1 items, the target is
// the item after the prefix. train and test hold one session a line, item ids separated by spaces, oldest first, plain or gzip.
func Sessions(cfg SessionsConfig, train, test io.Reader) (SessionsResult, error) {
	method, err := sessionMethod(cfg.Method)
	if err != nil {
		return SessionsResult{}, err
	}
	mode, err := oneOf("mode", cfg.Mode, Static, Online, Discovery)
	if err != nil {
		return SessionsResult{}, err
	}
	run := sessionsRun{
		model: recommender.NewSessionModel(method, unbounded), tally: newTally(), mode: mode, minPrefix: max(cfg.MinPrefix, 1),
	}
	if err := eachLine(train, "learned", cfg.Progress, func(line string) error {
		run.learn(strings.Fields(line))
		return nil
	}); err != nil {
		return SessionsResult{}, fmt.Errorf("training sessions: %w", err)
	}
	bytes := run.model.Bytes()
	if err := eachLine(test, "predicted", cfg.Progress, func(line string) error {
		run.session(strings.Fields(line))
		return nil
	}); err != nil {
		return SessionsResult{}, fmt.Errorf("test sessions: %w", err)
	}
	t := run.tally
	return SessionsResult{
		Kind: "sessions", Mode: mode, N: t.n, HR: t.share(float64(t.hits)), MRR: t.share(t.mrr), NDCG: t.share(t.ndcg), Coverage: t.coverage(),
		P50: t.quantile(0.5), P99: t.quantile(0.99), Learn: t.perClick(), Bytes: bytes,
	}, nil
}

// unbounded is the budget of a model that keeps the whole file.
const unbounded = 1 << 40

func sessionMethod(name string) (recommender.Method, error) {
	methods := recommender.Methods()
	if name == "" {
		return methods[0], nil
	}
	var names []string
	for _, m := range methods {
		if m.Name == name {
			return m, nil
		}
		names = append(names, m.Name)
	}
	_, err := oneOf("method", name, names...)
	return recommender.Method{}, err
}

type sessionsRun struct {
	model     *recommender.SessionModel
	predictor recommender.Predictor
	list      []recommender.Prediction
	tally     *tally
	mode      string
	minPrefix int
}

func (r *sessionsRun) learn(items []string) { r.tally.learn(items, r.model.Learn) }

func (r *sessionsRun) session(items []string) {
	for n := r.minPrefix; n < len(items); n++ {
		r.predict(items[:n], items[n])
	}
	if r.mode == Online {
		r.learn(items)
	}
}

func (r *sessionsRun) predict(prefix []string, target string) {
	discover := r.mode == Discovery
	if discover {
		for _, item := range prefix {
			if item == target {
				return
			}
		}
	}
	start := time.Now()
	r.list = r.model.Next(r.list[:0], &r.predictor, prefix, sessionsTop, discover)
	took := time.Since(start)
	r.tally.predicted(took, r.tally.rank(r.list, target))
}

// rank notes what is listed and finds the target's place, from 1; 0 if it is not there.
func (t *tally) rank(list []recommender.Prediction, target string) int {
	rank := 0
	for i := range list {
		t.listed[list[i].Item] = struct{}{}
		if list[i].Item == target {
			rank = i + 1
		}
	}
	return rank
}
