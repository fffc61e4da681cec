package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"beckon/server/shop"
)

// shopFlags are the flags that sites, keys and admin have in common.
type shopFlags struct {
	e    env
	fs   *flag.FlagSet
	data *string
	json *bool
}

func (e env) shopFlags(name, usage string) shopFlags {
	fs := e.flags(name, usage)
	return shopFlags{e, fs, e.dataFlag(fs), fs.Bool("json", false, "print JSON")}
}

// do executes op on the data folder and prints its answer with show, or as JSON.
func (f shopFlags) do(ctx context.Context, op operation, show func(w io.Writer, answer json.RawMessage) error) error {
	var answer json.RawMessage
	if err := operateOn(ctx, f.e, dataDir(*f.data), op, &answer); err != nil {
		return err
	}
	if *f.json || show == nil {
		_, err := fmt.Fprintf(f.e.stdout, "%s\n", answer)
		return err
	}
	return show(f.e.stdout, answer)
}

func sitesCommand(ctx context.Context, e env, args []string) error {
	f := e.shopFlags("sites", "list | create ID | update ID | retire ID")
	clock := f.fs.String("clock", "", "wall, or event for history that has its own time")
	name := f.fs.String("name", "", "shown to people")
	currency := f.fs.String("currency", "", "ISO 4217, of prices without one")
	var origins words
	f.fs.Var(&origins, "origin", "origin whose pages may use the site's public keys; may be given again")
	gap := f.fs.Duration("gap", 0, "time without an event that ends a session")
	lateness := f.fs.Duration("lateness", 0, "how late an event may come")
	longest := f.fs.Duration("longest", 0, "how long a session may last")
	rest, err := parse(f.fs, args)
	if err != nil {
		return err
	}
	verb, id, err := verbAndName("sites", rest, "list", "create", "update", "retire")
	if err != nil {
		return err
	}
	op := operation{Name: "sites " + verb, Args: map[string]string{
		"id": id, "clock": *clock, "name": *name, "currency": *currency, "origins": origins.String(),
		"gap": ms(*gap), "lateness": ms(*lateness), "longest": ms(*longest),
	}}
	return f.do(ctx, op, func(w io.Writer, answer json.RawMessage) error {
		if verb != "list" {
			_, err := fmt.Fprintf(w, "%sd %s\n", verb, id)
			return err
		}
		var sites []shop.Site
		return table(w, answer, &sites, "SITE\tCLOCK\tORIGINS\tCREATED\tRETIRED", func(row func(...any)) {
			for _, s := range sites {
				row(s.ID, s.Clock, strings.Join(s.Origins, " "), date(s.Created), date(s.Retired))
			}
		})
	})
}

func keysCommand(ctx context.Context, e env, args []string) error {
	f := e.shopFlags("keys", "list | create | rotate ID | revoke ID  --site SITE")
	site := f.fs.String("site", "", "the keys' site")
	kind := f.fs.String("kind", "public", "public or secret")
	note := f.fs.String("note", "", "what the key is for")
	grace := f.fs.Duration("grace", 24*time.Hour, "how long a rotated key still opens")
	var origins words
	f.fs.Var(&origins, "origin", "origin whose pages may use the public key; may be given again")
	rest, err := parse(f.fs, args)
	if err != nil {
		return err
	}
	if *site == "" {
		return usagef("keys: --site is needed")
	}
	if len(rest) == 1 && rest[0] == "create" {
		rest = append(rest, "-")
	}
	verb, id, err := verbAndName("keys", rest, "list", "create", "rotate", "revoke")
	if err != nil {
		return err
	}
	op := operation{Name: "keys " + verb, Args: map[string]string{
		"site": *site, "id": id, "kind": *kind, "note": *note, "origins": origins.String(), "grace": ms(*grace),
	}}
	return f.do(ctx, op, func(w io.Writer, answer json.RawMessage) error {
		switch verb {
		case "list":
			var keys []shop.Key
			return table(w, answer, &keys, "ID\tKIND\tKEY\tORIGINS\tNOTE\tCREATED\tEXPIRES\tREVOKED", func(row func(...any)) {
				for _, k := range keys {
					row(k.ID, k.Kind, k.Text, strings.Join(k.Origins, " "), k.Note, date(k.Created), date(k.Expires), date(k.Revoked))
				}
			})
		case "revoke":
			_, err := fmt.Fprintf(w, "revoked %s\n", id)
			return err
		}
		var key shop.NewKey
		if err := json.Unmarshal(answer, &key); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "%s\nThis is shown once; its id is %s.\n", key.Text, key.ID)
		return err
	})
}

func adminCommand(ctx context.Context, e env, args []string) error {
	f := e.shopFlags("admin", "list | add NAME | change NAME | remove NAME | logout NAME")
	role := f.fs.String("role", "", "viewer, merchandiser or admin")
	password := f.fs.String("password", "", "the password (default: BECKON_ADMIN_PASSWORD)")
	var sites words
	f.fs.Var(&sites, "site", "site that the user may see, all for every site; may be given again (default: every site)")
	second := f.fs.Bool("no-code", false, "change: signing in takes no one-time code any more")
	rest, err := parse(f.fs, args)
	if err != nil {
		return err
	}
	verb, name, err := verbAndName("admin", rest, "list", "add", "change", "remove", "logout")
	if err != nil {
		return err
	}
	other := *role != "" || len(sites) > 0 || *second // than the password of the environment
	if *password == "" && !(verb == "change" && other) {
		*password = e.getenv("BECKON_ADMIN_PASSWORD")
	}
	if verb == "add" && *role == "" {
		*role = string(shop.Viewer)
	}
	op := operation{Name: "admin " + verb, Args: map[string]string{
		"name": name, "role": *role, "password": *password, "sites": sites.String(), "no_code": strconv.FormatBool(*second),
	}}
	return f.do(ctx, op, func(w io.Writer, answer json.RawMessage) error {
		if verb != "list" {
			_, err := fmt.Fprintf(w, "%s: done\n", name)
			return err
		}
		var users []shop.User
		return table(w, answer, &users, "USER\tROLE\tSITES\tCODE\tCREATED\tCHANGED", func(row func(...any)) {
			for _, u := range users {
				code, sites := "off", "all"
				if u.TOTP {
					code = "on"
				}
				if len(u.Sites) > 0 {
					sites = strings.Join(u.Sites, " ")
				}
				row(u.Name, u.Role, sites, code, date(u.Created), date(u.Changed))
			}
		})
	})
}

// operateShop is the one meaning of each operation on sites, keys and users.
func operateShop(ctx context.Context, s *shop.Store, op operation) (any, error) {
	const actor = "operator"
	a := op.Args
	switch op.Name {
	case "sites list":
		return s.Sites(), nil
	case "sites create":
		return s.CreateSite(ctx, actor, a["id"], siteSettings(shop.Settings{}, a))
	case "sites update":
		site, ok := s.Site(a["id"])
		if !ok {
			return nil, fmt.Errorf("site: no site %q", a["id"])
		}
		return s.UpdateSite(ctx, actor, a["id"], siteSettings(site.Settings, a))
	case "sites retire":
		return done{a["id"]}, s.RetireSite(ctx, actor, a["id"])
	case "keys list":
		if _, ok := s.Site(a["site"]); !ok {
			return nil, fmt.Errorf("site: no site %q", a["site"])
		}
		return s.Keys(a["site"]), nil
	case "keys create":
		return s.CreateKey(ctx, actor, a["site"], shop.KeySpec{Kind: shop.KeyKind(a["kind"]), Origins: strings.Fields(a["origins"]), Note: a["note"]})
	case "keys rotate":
		grace, err := strconv.ParseInt(a["grace"], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("grace: %w", err)
		}
		return s.RotateKey(ctx, actor, a["site"], a["id"], time.Duration(grace)*time.Millisecond)
	case "keys revoke":
		return done{a["id"]}, s.RevokeKey(ctx, actor, a["site"], a["id"])
	case "admin list":
		return s.Users(), nil
	case "admin add":
		return done{a["name"]}, s.AddUser(ctx, actor, a["name"], a["password"], shop.Role(a["role"]), userSites(a)...)
	case "admin change":
		return done{a["name"]}, changeUser(ctx, s, actor, a)
	case "admin remove":
		return done{a["name"]}, s.RemoveUser(ctx, actor, a["name"])
	case "admin logout":
		return done{a["name"]}, s.EndSessions(ctx, actor, a["name"], "")
	case "prices freeze":
		return freezePrices(ctx, s, actor, a)
	}
	return nil, fmt.Errorf("unknown operation %q", op.Name)
}

// done answers an operation that has nothing else to say.
type done struct {
	Done string `json:"done"`
}

// userSites are those that --site names, none for "all".
func userSites(a map[string]string) []string {
	if a["sites"] == "all" {
		return nil
	}
	return strings.Fields(a["sites"])
}

func changeUser(ctx context.Context, s *shop.Store, actor string, a map[string]string) error {
	if a["role"] == "" && a["password"] == "" && a["sites"] == "" && a["no_code"] != "true" {
		return errors.New("role, password, site or no-code: one is needed")
	}
	if a["sites"] != "" {
		if err := s.ChangeSites(ctx, actor, a["name"], userSites(a)); err != nil {
			return err
		}
	}
	if a["no_code"] == "true" {
		if err := s.DisableTOTP(ctx, actor, a["name"]); err != nil {
			return err
		}
	}
	if a["role"] != "" {
		if err := s.ChangeRole(ctx, actor, a["name"], shop.Role(a["role"])); err != nil {
			return err
		}
	}
	if a["password"] != "" {
		return s.ChangePassword(ctx, actor, a["name"], a["password"])
	}
	return nil
}

// siteSettings lays what was given over what is.
func siteSettings(set shop.Settings, a map[string]string) shop.Settings {
	text := func(name string, to *string) {
		if a[name] != "" {
			*to = a[name]
		}
	}
	number := func(name string, to *int64) {
		if v, err := strconv.ParseInt(a[name], 10, 64); err == nil && v != 0 {
			*to = v
		}
	}
	text("name", &set.Name)
	text("currency", &set.Currency)
	text("clock", (*string)(&set.Clock))
	number("gap", &set.Gap)
	number("lateness", &set.Lateness)
	number("longest", &set.Longest)
	if a["origins"] != "" {
		set.Origins = strings.Fields(a["origins"])
	}
	return set
}

// verbAndName reads "VERB [NAME]"; every verb but list needs a name.
func verbAndName(command string, rest []string, verbs ...string) (verb, name string, err error) {
	if len(rest) == 0 {
		rest = []string{"list"}
	}
	for _, v := range verbs {
		switch {
		case v != rest[0]:
		case v == "list" && len(rest) == 1:
			return v, "", nil
		case v != "list" && len(rest) == 2:
			return v, rest[1], nil
		default:
			return "", "", usagef("%s %s: one name is needed", command, v)
		}
	}
	return "", "", usagef("%s: %q is not one of %s", command, rest[0], strings.Join(verbs, ", "))
}

// words is a flag that may be given again.
type words []string

func (w *words) String() string     { return strings.Join(*w, " ") }
func (w *words) Set(s string) error { *w = append(*w, s); return nil }

func ms(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }

func date(ms int64) string {
	if ms == 0 {
		return ""
	}
	return time.UnixMilli(ms).UTC().Format(time.DateTime)
}

// table decodes answer into rows and prints them under head.
func table(w io.Writer, answer json.RawMessage, rows any, head string, fill func(row func(...any))) error {
	if err := json.Unmarshal(answer, rows); err != nil {
		return err
	}
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(tw, head)
	fill(func(cells ...any) {
		for i, c := range cells {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, c)
		}
		fmt.Fprintln(tw)
	})
	return tw.Flush()
}
