package engine

import (
	"fmt"
	"os"
	"path/filepath"
)

// Version is the version of libchdb that is brought and tested, ClickHouse 26.7.
const Version = "26.7.3-stable.1"

// FetchCommand is the one command that brings the library.
const FetchCommand = "beckon engine fetch"

// LibraryVariable names a library file and goes before the usual place.
const LibraryVariable = "BECKON_CHDB_LIB"

// A MissingError says that libchdb is not there, and what brings it.
type MissingError struct {
	Path string // where it was looked for, or why nowhere
}

func (e *MissingError) Error() string {
	if _, known := packages[platform()]; !known {
		return fmt.Sprintf("the ClickHouse engine does not exist for %s: give the URL of a ClickHouse server instead", platform())
	}
	return fmt.Sprintf("the ClickHouse engine is not there (%s): run `%s`", e.Path, FetchCommand)
}

// Library is the path of libchdb: given if it is not empty, else BECKON_CHDB_LIB, else where Fetch puts it, below
// os.UserCacheDir. When there is no such file the error is a *MissingError.
func Library(given string) (string, error) {
	if given == "" {
		given = os.Getenv(LibraryVariable)
	}
	if given == "" {
		place, err := libraryPlace()
		if err != nil {
			return "", &MissingError{Path: err.Error()}
		}
		given = place
	}
	if !there(given) {
		return "", &MissingError{Path: given}
	}
	return given, nil
}

// libraryPlace is where the library of this version lies, under one name on every system. Versions lie beside each other.
func libraryPlace() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder for it: %w", err)
	}
	return filepath.Join(cache, "beckon", "libchdb-"+Version, "libchdb.so"), nil
}
