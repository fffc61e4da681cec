package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"beckon/clickstream/eventlog"
	"beckon/pricing"
	"beckon/server/shop"
)

// pricesCommand explains prices, recomputes decisions, and stops the engine.
func pricesCommand(ctx context.Context, e env, args []string) error {
	f := e.shopFlags("prices", "explain --site SITE --item ITEM [--at TIME] | replay | freeze --site SITE | --all")
	p := pricesFlags{shopFlags: f}
	f.fs.StringVar(&p.site, "site", "", "the site")
	f.fs.StringVar(&p.item, "item", "", "explain: the item; freeze: only this one")
	f.fs.StringVar(&p.market, "market", "", "explain: the market, the base market without")
	f.fs.StringVar(&p.at, "at", "", "explain: `TIME` as RFC 3339 or in Unix milliseconds, now without")
	f.fs.StringVar(&p.category, "category", "", "freeze: only this category")
	f.fs.BoolVar(&p.all, "all", false, "freeze: every site of the installation")
	f.fs.BoolVar(&p.off, "off", false, "freeze: end it")
	f.fs.BoolVar(&p.restore, "restore", false, "freeze: publish the list prices again")
	rest, err := parse(f.fs, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usagef("prices: one of explain, replay, freeze is needed")
	}
	switch rest[0] {
	case "explain":
		return p.explain(ctx)
	case "replay":
		return p.replay(ctx)
	case "freeze":
		return p.freeze(ctx)
	}
	return usagef("prices: %q is not one of explain, replay, freeze", rest[0])
}

type pricesFlags struct {
	shopFlags
	site, item, market, at, category string
	all, off, restore                bool
}

// replay folds the whole control log and recomputes every decision that it accepted. It fails when one differs.
func (p *pricesFlags) replay(ctx context.Context) error {
	var audit pricing.Audit
	start := time.Now()
	var records uint64
	err := p.past(ctx, 0, pricing.Config{OnDecision: audit.Decision}, func(past *pastShop) error {
		records = past.store.Offset()
		return nil
	})
	if err != nil {
		return err
	}
	if *p.json {
		if err := json.NewEncoder(p.e.stdout).Encode(audit); err != nil {
			return err
		}
	} else {
		fmt.Fprintf(p.e.stdout, "control log   %d records folded in %.1f s\naccepted      %d decisions\nequal         %d, bit for bit\ndifferent     %d\n",
			records, time.Since(start).Seconds(), audit.Accepted, audit.Equal, audit.Different)
		if audit.Older > 0 {
			fmt.Fprintf(p.e.stdout, "older         %d, made by another version of the algorithm\n", audit.Older)
		}
	}
	if audit.First != nil {
		return fmt.Errorf("prices replay: %w", audit.First)
	}
	return nil
}

func (p *pricesFlags) explain(ctx context.Context) error {
	if p.site == "" || p.item == "" {
		return usagef("prices explain: --site and --item are needed")
	}
	at, err := readTime(p.at)
	if err != nil {
		return err
	}
	var x *pricing.Explanation
	err = p.past(ctx, at, pricing.Config{}, func(past *pastShop) (err error) {
		x, err = past.explain(p.site, p.item, p.market, at)
		return err
	})
	if errors.Is(err, errNotThere) {
		return fmt.Errorf("item: site %s had no %s at that time", p.site, p.item)
	}
	if err != nil {
		return err
	}
	if *p.json {
		return json.NewEncoder(p.e.stdout).Encode(x)
	}
	for _, line := range x.Words {
		fmt.Fprintln(p.e.stdout, line)
	}
	return nil
}

// readTime reads RFC 3339 or Unix milliseconds; "" is now.
func readTime(text string) (int64, error) {
	if text == "" {
		return time.Now().UnixMilli(), nil
	}
	if at, err := strconv.ParseInt(text, 10, 64); err == nil && at > 0 {
		return at, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return 0, usagef("prices: --at %q is neither RFC 3339 nor Unix milliseconds", text)
	}
	return at.UnixMilli(), nil
}

// past folds a copy of the data folder's control log up to a time, 0 for all of it. A server may run on the folder meanwhile.
func (p *pricesFlags) past(ctx context.Context, at int64, book pricing.Config, use func(*pastShop) error) (err error) {
	dir := dataDir(*p.data)
	if _, err := os.Stat(dir.control()); err != nil {
		return fmt.Errorf("no data folder: %w", err)
	}
	s, err := dir.openSecret(p.e.getenv("BECKON_SECRET"))
	if err != nil {
		return err
	}
	tmp, err := os.MkdirTemp("", "beckon-prices-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(tmp)) }()
	to := filepath.Join(tmp, "control")
	if err := copyTree(dir.control(), to); err != nil {
		return fmt.Errorf("copy control log: %w", err)
	}
	log, err := eventlog.Open(eventlog.Config{Dir: to, Partitions: 1})
	if err != nil {
		return fmt.Errorf("control log: %w", err)
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	shopThen, err := foldUntil(ctx, log, s, at, book)
	if err != nil {
		return err
	}
	return errors.Join(use(shopThen), shopThen.close())
}

// freeze stops the engine, or lets it go on, through the running server where one runs.
func (p *pricesFlags) freeze(ctx context.Context) error {
	if (p.site == "") != p.all {
		return usagef("prices freeze: one of --site and --all is needed")
	}
	op := operation{Name: "prices freeze", Args: map[string]string{
		"site": p.site, "item": p.item, "category": p.category,
		"all": strconv.FormatBool(p.all), "off": strconv.FormatBool(p.off), "restore": strconv.FormatBool(p.restore),
	}}
	return p.do(ctx, op, func(w io.Writer, _ json.RawMessage) error {
		verb := "frozen"
		if p.off {
			verb = "free again"
		}
		_, err := fmt.Fprintf(w, "prices are %s\n", verb)
		return err
	})
}

// freezePrices is the one meaning of the operation.
func freezePrices(ctx context.Context, s *shop.Store, actor string, a map[string]string) (any, error) {
	f := pricing.Freeze{Target: pricing.Target{Scope: pricing.ScopeSite}, On: a["off"] != "true", Restore: a["restore"] == "true"}
	switch {
	case a["all"] == "true":
		f.Scope = pricing.ScopeAll
	case a["item"] != "":
		f.Target = pricing.Target{Scope: pricing.ScopeItem, Key: a["item"]}
	case a["category"] != "":
		f.Target = pricing.Target{Scope: pricing.ScopeCategory, Key: a["category"]}
	}
	if _, ok := s.Site(a["site"]); !ok && f.Scope != pricing.ScopeAll {
		return nil, fmt.Errorf("site: no site %q", a["site"])
	}
	_, offset, err := s.Submit(ctx, actor, shop.Command{Do: pricing.DoFreeze, Site: a["site"], Body: f})
	if err != nil {
		return nil, err
	}
	return map[string]uint64{"offset": offset}, nil
}
