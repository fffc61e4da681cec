package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"beckon/server/demo"
	"beckon/server/shop"
	"beckon/web"
)

const (
	demoSite  = "demo"
	demoUser  = "admin"
	demoSeed  = 1
	demoActor = "demo"
)

// demoFile is DATA/demo.json: what a newcomer needs to try everything.
type demoFile struct {
	Site          string `json:"site"`
	PublicKey     string `json:"public_key"`
	SecretKey     string `json:"secret_key"`
	AdminUser     string `json:"admin_user"`
	AdminPassword string `json:"admin_password"`
}

// prepareDemo makes the demo's site, keys and dashboard user, or finds those of an earlier start, writes demo.json and adds the
// shop's pages.
func (n *node) prepareDemo(ctx context.Context, e env, app *fiber.App, addr net.Addr) error {
	file, err := n.demoFile(ctx)
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	n.demo = demo.Shop{
		Account: demo.Account{URL: localURL(addr), Public: file.PublicKey, Secret: file.SecretKey},
		Catalog: demo.NewCatalog(demoSeed),
	}
	demo.Register(app, n.demo)
	fmt.Fprintf(e.stdout, "demo shop   %s/shop\npublic key  %s\nsecret key  %s\ndashboard   %s/admin   user %s, password %s\nbeacon      <script async src=%q integrity=%q crossorigin data-key=%q></script>\n",
		localURL(addr), file.PublicKey, file.SecretKey, localURL(addr), file.AdminUser, file.AdminPassword, n.demo.URL+"/b.js", web.BeaconSRI(), file.PublicKey)
	return nil
}

func (n *node) demoFile(ctx context.Context) (demoFile, error) {
	name := n.dir.path("demo.json")
	var file demoFile
	if text, err := os.ReadFile(name); err == nil {
		if err := json.Unmarshal(text, &file); err != nil {
			return file, fmt.Errorf("%s: %w", name, err)
		}
	}
	if _, ok := n.shop.Site(demoSite); !ok {
		settings := shop.Settings{Name: "Demo shop", Currency: demo.Currency, Headless: true}
		if _, err := n.shop.CreateSite(ctx, demoActor, demoSite, settings); err != nil {
			return file, err
		}
	}
	site, _ := n.shop.Site(demoSite)
	if err := n.tellSettings(ctx, site); err != nil {
		return file, err
	}
	file.Site = demoSite
	if err := n.demoKeys(ctx, &file); err != nil {
		return file, err
	}
	if err := n.demoAdmin(ctx, &file); err != nil {
		return file, err
	}
	return file, writeJSON(name, file)
}

// demoKeys finds the keys of an earlier start, in the file or in the shop, or makes them.
func (n *node) demoKeys(ctx context.Context, file *demoFile) error {
	for _, k := range []struct {
		kind shop.KeyKind
		text *string
	}{{shop.PublicKey, &file.PublicKey}, {shop.SecretKey, &file.SecretKey}} {
		if *k.text == "" {
			*k.text = n.knownKey(k.kind)
		}
		if _, ok := n.shop.Key(*k.text); ok {
			continue
		}
		spec := shop.KeySpec{Kind: k.kind, Note: "demo", Text: *k.text}
		if k.kind == shop.PublicKey {
			spec.Origins = []string{"self", "http://localhost:8080", "http://127.0.0.1:8080"}
			if n.cfg.publicURL != "" {
				spec.Origins = append(spec.Origins, strings.TrimRight(n.cfg.publicURL, "/"))
			}
		}
		key, err := n.shop.CreateKey(ctx, demoActor, demoSite, spec)
		if err != nil {
			return err
		}
		*k.text = key.Text
	}
	return nil
}

// knownKey is a live key that an earlier start made.
func (n *node) knownKey(kind shop.KeyKind) string {
	for _, k := range n.shop.Keys(demoSite) {
		if k.Kind != kind || k.Note != "demo" || !k.Live(n.now().UnixMilli()) {
			continue
		}
		if text, ok := n.shop.KeyText(demoSite, k.ID); ok {
			return text
		}
	}
	return ""
}

// demoAdmin keeps the password of the file; a user whose password nobody knows any more gets a new one.
func (n *node) demoAdmin(ctx context.Context, file *demoFile) error {
	file.AdminUser = demoUser
	_, exists := n.shop.User(demoUser)
	if exists && file.AdminPassword != "" {
		return nil
	}
	file.AdminPassword = n.cfg.adminPass
	if file.AdminPassword == "" {
		file.AdminPassword = newPassword()
	}
	if exists {
		return n.shop.ChangePassword(ctx, demoActor, demoUser, file.AdminPassword)
	}
	return n.shop.AddUser(ctx, demoActor, demoUser, file.AdminPassword, shop.Admin)
}

// startShoppers fills an empty demo and lets simulated shoppers walk through it until the server stops.
func (n *node) startShoppers(e env, opened *closers) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		filled, err := demo.Fill(ctx, n.demo.Account, n.demo.Catalog, demoSeed, n.now())
		if err != nil {
			n.out.Error("fill the demo shop", "error", err)
			return
		}
		if filled.Items > 0 {
			fmt.Fprintf(e.stdout, "demo        %d items and %d events of the past weeks\n", filled.Items, filled.Events)
		}
		if n.cfg.shoppers == 0 {
			return
		}
		_, err = demo.Simulate(ctx, demo.Simulation{
			Account: n.demo.Account, Catalog: n.demo.Catalog, Shoppers: n.cfg.shoppers, Seed: uint64(n.now().UnixNano()),
		})
		if err != nil {
			n.out.Error("simulated shoppers", "error", err)
		}
	}()
	opened.add("simulated shoppers", func(context.Context) error {
		cancel()
		<-ended
		return nil
	})
}

// simulateCommand sends simulated shoppers to a running server.
func simulateCommand(ctx context.Context, e env, args []string) error {
	fs := e.flags("simulate", "--url URL [--shoppers N] [--rate X] [--seed S] [--for D]")
	data := e.dataFlag(fs)
	url := fs.String("url", "http://127.0.0.1:8080", "the running server")
	public := fs.String("public-key", "", "pk_… (default: the demo's, from the data folder)")
	secretText := fs.String("secret-key", "", "sk_… (default: the demo's, from the data folder)")
	shoppers := fs.Int("shoppers", 30, "shoppers at the same time")
	rate := fs.Float64("rate", 1, "how many times faster than people")
	seed := fs.Uint64("seed", demoSeed, "the same seed makes the same shoppers")
	length := fs.Duration("for", 0, "how long; 0: until interrupted")
	fill := fs.Bool("fill", false, "put the demo's catalog into the site first, if it has none")
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if len(rest) > 0 || *shoppers < 1 || *rate <= 0 {
		return usagef("simulate: --shoppers from 1 and --rate above 0, and no other words")
	}
	if *public == "" || *secretText == "" {
		var file demoFile
		text, err := os.ReadFile(dataDir(*data).path("demo.json"))
		if err != nil {
			return usagef("simulate: --public-key and --secret-key, or the data folder of a demo, are needed")
		}
		if err := json.Unmarshal(text, &file); err != nil {
			return err
		}
		*public, *secretText = file.PublicKey, file.SecretKey
	}
	account := demo.Account{URL: strings.TrimRight(*url, "/"), Public: *public, Secret: *secretText}
	catalog := demo.NewCatalog(demoSeed)
	if *fill {
		if _, err := demo.Fill(ctx, account, catalog, *seed, time.Now()); err != nil {
			return err
		}
	}
	tally, err := demo.Simulate(ctx, demo.Simulation{
		Account: account, Catalog: catalog, Shoppers: *shoppers, Rate: *rate, Seed: *seed, For: *length,
		Progress: func(t demo.Tally) {
			fmt.Fprintf(e.stderr, "\r%d sessions, %d events, %d purchases, %d waits, %d errors ", t.Sessions, t.Events, t.Purchases, t.Waits, t.Errors)
		},
	})
	fmt.Fprintf(e.stdout, "\n%d sessions, %d events (%d duplicates, %d rejected), %d purchases, %d waits, %d errors\n",
		tally.Sessions, tally.Events, tally.Duplicates, tally.Rejected, tally.Purchases, tally.Waits, tally.Errors)
	return err
}
