package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// words are the messages that the beacon shows, in the order in which it numbers them. Each has at most one placeholder.
var words = []string{
	"shopper.stock_in", "shopper.stock_left", "shopper.stock_low", "shopper.stock_out", "shopper.stock_back",
	"shopper.price_lowest", "shopper.price_held", "shopper.stock_in_cart", "shopper.stock_just_sold",
}

// fromMessages resolves what scripts import of the message files below root:
//
//	words           the beacon's: {en: ['In stock', …], …} in four languages, without keys and with # as the placeholder, to be small
//	texts           the demo shop's: {en: {…}, de: {…}} by key
func fromMessages(root string) api.Plugin {
	return api.Plugin{Name: "messages", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: "^(words|texts)$"}, func(args api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: args.Path, Namespace: "messages"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "messages"}, func(args api.OnLoadArgs) (api.OnLoadResult, error) {
			read, langs := numbered, []string{"en", "de", "fr", "es"}
			if args.Path == "texts" {
				read, langs = keyed, langs[:2]
			}
			var out strings.Builder
			fmt.Fprintf(&out, "export const %s = {", args.Path)
			for _, lang := range langs {
				value, err := read(root, lang)
				if err != nil {
					return api.OnLoadResult{}, err
				}
				body, err := json.Marshal(value)
				if err != nil {
					return api.OnLoadResult{}, err
				}
				fmt.Fprintf(&out, "%s: %s,\n", lang, body)
			}
			out.WriteString("}")
			text := out.String()
			return api.OnLoadResult{Contents: &text, Loader: api.LoaderJS}, nil
		})
	}}
}

func numbered(root, lang string) (any, error) {
	var all map[string]string
	if err := readMessages(root, lang, "shopper", &all); err != nil {
		return nil, err
	}
	out := make([]string, 0, len(words))
	for _, key := range words {
		text, ok := all[key]
		if !ok {
			return nil, fmt.Errorf("%s: no message %s", lang, key)
		}
		if before, rest, ok := strings.Cut(text, "{"); ok {
			_, after, _ := strings.Cut(rest, "}")
			text = before + "#" + after
		}
		if strings.ContainsAny(text, "{}") {
			return nil, fmt.Errorf("%s: %s has more than one placeholder", lang, key)
		}
		out = append(out, text)
	}
	return out, nil
}

// keyed is the area "script", without the area's name.
func keyed(root, lang string) (any, error) {
	var all map[string]any
	if err := readMessages(root, lang, "script", &all); err != nil {
		return nil, err
	}
	out := map[string]any{} // encoded in the order of its keys
	for key, text := range all {
		name, ok := strings.CutPrefix(key, "script.")
		if !ok {
			return nil, errors.New(key + ": not of the area script")
		}
		out[name] = text
	}
	return out, nil
}

func readMessages(root, lang, area string, into any) error {
	body, err := os.ReadFile(filepath.Join(root, "text", "messages", lang, area+".json"))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("%s of %s: %w", area, lang, err)
	}
	return nil
}
