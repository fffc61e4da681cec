package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"time"

	"beckon/server/shop"
)

// Operators' commands (sites, keys, admin, backup) change an installation. Where a server runs on the data folder they go through
// it; otherwise the command opens the control log itself, which a lock keeps from happening twice. Both ways execute the same
// operation, so there is one meaning of each.

// operation is one command as it travels: a name and its arguments.
type operation struct {
	Name string            `json:"name"`
	Args map[string]string `json:"args"`
}

// serverFile says where the running server of a data folder takes operations.
type serverFile struct {
	PID   int    `json:"pid"`
	URL   string `json:"url"` // of the contract
	Ops   string `json:"ops"` // of the private address
	Token string `json:"token"`
}

const maxOperation = 1 << 20

// operateOverHTTP executes an operation for whoever could read the data folder's server.json.
func (n *node) operateOverHTTP(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !sameSecret(token, n.opsToken) {
		writeOpsError(w, http.StatusUnauthorized, errors.New("token: not the one in server.json"))
		return
	}
	var op operation
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxOperation)).Decode(&op); err != nil {
		writeOpsError(w, http.StatusBadRequest, err)
		return
	}
	answer, err := n.operate(r.Context(), op)
	if err != nil {
		writeOpsError(w, http.StatusUnprocessableEntity, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(answer)
}

func writeOpsError(w http.ResponseWriter, status int, err error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]any{"error": map[string]string{"code": "operation", "message": err.Error()}})
}

// operate executes an operation on the running installation.
func (n *node) operate(ctx context.Context, op operation) (any, error) {
	switch op.Name {
	case "backup":
		return n.backup(ctx, op.Args["to"], op.Args["without_history"] == "true")
	case "export":
		return n.export(ctx, op.Args)
	case "progress":
		return n.longWork.read(), nil
	case "settle":
		return done{"settle"}, n.settle(ctx)
	case "settle history":
		return done{"settle history"}, n.settleHistory(ctx)
	case "replay set aside":
		return n.replaySetAside(ctx)
	case "replay site":
		return n.replaySite(ctx, op.Args["site"])
	case "close sessions":
		return done{op.Args["site"]}, n.closeSessions(ctx, op.Args["site"])
	}
	answer, err := operateShop(ctx, n.shop, op)
	if site, ok := answer.(shop.Site); ok && err == nil {
		err = n.tellSettings(ctx, site)
	}
	return answer, err
}

// runningServer returns the server that runs on dir, or false.
func runningServer(dir dataDir) (serverFile, bool) {
	var s serverFile
	text, err := os.ReadFile(dir.path("server.json"))
	if err != nil || json.Unmarshal(text, &s) != nil || s.Ops == "" {
		return s, false
	}
	client := http.Client{Timeout: 2 * time.Second}
	resp, err := client.Get(s.Ops + "/metrics")
	if err != nil {
		return s, false
	}
	resp.Body.Close()
	return s, true
}

// send executes op through the running server and decodes its answer into out.
func (s serverFile) send(ctx context.Context, op operation, out any) error {
	body, err := json.Marshal(op)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, "POST", s.Ops+"/operate", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("ask the running server: %w", err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		var e struct{ Error struct{ Message string } }
		if json.Unmarshal(text, &e) == nil && e.Error.Message != "" {
			return errors.New(e.Error.Message)
		}
		return fmt.Errorf("the running server answered %s", resp.Status)
	}
	return json.Unmarshal(text, out)
}

// operateOn executes op on a data folder: through its running server, or on the folder itself.
func operateOn(ctx context.Context, e env, dir dataDir, op operation, out any) error {
	if _, err := os.Stat(string(dir)); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no data folder %s; `beckon serve` makes one", dir)
	}
	if s, ok := runningServer(dir); ok {
		return s.send(ctx, op, out)
	}
	store, closeStore, err := openShopAlone(ctx, e, dir)
	if err != nil {
		return err
	}
	answer, err := operateShop(ctx, store, op)
	if err := errors.Join(err, closeStore()); err != nil {
		return err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}
