// Command fetch brings axe-core for the browser tests and says where it is.
package main

import (
	"context"
	"fmt"
	"os"

	"beckon/web/axe"
)

func main() {
	file, err := axe.Fetch(context.Background())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("axe-core", axe.Version, "is at", file)
}
