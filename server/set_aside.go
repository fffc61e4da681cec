package main

import (
	"context"
	"errors"
	"fmt"
)

// asideReplay is what became of the rows that ClickHouse had refused.
type asideReplay struct {
	Taken   int `json:"taken"`
	Refused int `json:"refused"`
}

// replaySetAside tries to insert what ClickHouse refused by its content, as after its tables were mended.
func (n *node) replaySetAside(ctx context.Context) (r asideReplay, err error) {
	if !n.history.configured {
		return r, fmt.Errorf("no history is kept here: %s", *n.history.trouble.Load())
	}
	if err := n.waitHistory(ctx); err != nil {
		return r, err
	}
	r.Taken, r.Refused, err = n.history.writer.Load().ReplaySetAside(ctx)
	return r, err
}

// replayAside is `replay --set-aside`: through the running server where one runs on the data folder.
func replayAside(ctx context.Context, e env, dir dataDir) (err error) {
	var r asideReplay
	if s, ok := runningServer(dir); ok {
		err = s.send(ctx, operation{Name: "replay set aside"}, &r)
	} else {
		r, err = replayAsideAlone(ctx, e, dir)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "%d rows that were set aside are in ClickHouse now, %d are refused as before\n", r.Taken, r.Refused)
	return nil
}

func replayAsideAlone(ctx context.Context, e env, dir dataDir) (r asideReplay, err error) {
	cfg, err := serveConfig(e, []string{"--data", string(dir), "--ops-addr", "off"})
	if err != nil {
		return r, err
	}
	n, stop, err := openNode(ctx, e, cfg)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return n.replaySetAside(ctx)
}
