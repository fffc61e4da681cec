package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/evanw/esbuild/pkg/api"
)

// sources are what is built, by name in dist.
var sources = []struct{ name, from string }{
	{"b.js", "beacon/full.js"},
	{"b-core.js", "beacon/core.js"},
	{"shop.js", "assets/shop/main.js"},
	{"shop.css", "assets/shop.css"},
	{"leaf.svg", "assets/leaf.svg"},
	{"admin.js", "assets/admin/main.js"},
	{"admin.css", "assets/admin/main.css"},
	{"beckon.svg", "assets/admin/beckon.svg"},
}

// Bundle builds everything that stands in dist from the sources below root, which is the folder of package web. The same sources
// give the same bytes.
func Bundle(root string) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, s := range sources {
		body, err := bundle(root, filepath.Join(root, s.from))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.from, err)
		}
		out[s.name] = body
	}
	return out, nil
}

func bundle(root, file string) ([]byte, error) {
	if filepath.Ext(file) == ".svg" {
		return os.ReadFile(file)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	result := api.Build(api.BuildOptions{
		EntryPoints:       []string{abs},
		AbsWorkingDir:     filepath.Dir(abs),
		Bundle:            true,
		Plugins:           []api.Plugin{fromMessages(root)},
		Format:            api.FormatIIFE,
		Target:            api.ES2020, // what browsers since 2020 read
		Charset:           api.CharsetUTF8,
		MinifyWhitespace:  true,
		MinifyIdentifiers: true,
		MinifySyntax:      true,
		LegalComments:     api.LegalCommentsEndOfFile,
	})
	var failed []error
	for _, m := range result.Errors {
		failed = append(failed, errors.New(m.Text))
	}
	for _, m := range result.Warnings {
		failed = append(failed, errors.New(m.Text))
	}
	if len(failed) > 0 {
		return nil, errors.Join(failed...)
	}
	return result.OutputFiles[0].Contents, nil
}
