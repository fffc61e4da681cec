package engine

// A tarball is a package of npm's registry that has libchdb.
type tarball struct {
	name   string // of the package, within @chdb
	sha512 string // base64, as the registry's "integrity" has it
}

// packages are the systems libchdb is built for.
var packages = map[string]tarball{
	"linux/amd64": {"lib-linux-x64-gnu", "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw=="},
}
