//go:build !((linux || darwin) && (amd64 || arm64))

package engine

// openLibrary has nothing to load here: there is no libchdb for this system.
func openLibrary(path, _ string, _ ...string) (*library, error) {
	return nil, &MissingError{Path: path}
}
