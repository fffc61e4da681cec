//go:build !unix

package engine

import (
	"context"
	"os"
)

// lockFolder has nothing to lock where there is no engine.
func lockFolder(context.Context, string) (*os.File, error) { return nil, &MissingError{} }

func yieldToTheShop() {}
