//go:build (linux || darwin) && (amd64 || arm64)

package engine

import (
	"fmt"

	"github.com/ebitengine/purego"
)

// openLibrary loads libchdb. It cannot be unloaded: the engine's threads live as long as the process.
func openLibrary(path, dir string, settings ...string) (*library, error) {
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w", path, err)
	}
	l := &library{dir: dir, settings: settings}
	for name, function := range l.names() {
		symbol, err := purego.Dlsym(handle, name)
		if err != nil {
			return nil, fmt.Errorf("load %s: it has no %s, so it is not version %s: %w", path, name, Version, err)
		}
		purego.RegisterFunc(function, symbol)
	}
	l.chdbSetSignalHandlersEnabled(0) // signals are Go's; before the first connection
	return l, nil
}
