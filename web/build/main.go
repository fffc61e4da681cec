// Command build bundles and minifies the beacon, and the styles and scripts of the demo shop and the dashboard, into web/dist. It runs in web or above it.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := "."
	if _, err := os.Stat("beacon"); err != nil {
		root = "web"
	}
	files, err := Bundle(root)
	if err != nil {
		fmt.Fprintln(os.Stderr, "build:", err)
		os.Exit(1)
	}
	for name, body := range files {
		if err := os.WriteFile(filepath.Join(root, "dist", name), body, 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "build:", err)
			os.Exit(1)
		}
	}
}
